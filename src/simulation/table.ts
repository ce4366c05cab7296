import type { Outcome } from './outcome.ts'

const heads = [
  'policy',
  'bridge-hours',
  '× fluid bound',
  '× clairvoyant',
  'peak',
  'people-minutes above 0.8',
  'cut',
  'moved by us',
  'moved by jicofo',
  'refused',
]

/**
 * What the policies made of one day, as a Markdown table; the first two outcomes are the bound and
 * who knew the day.
 */
export function table(name: string, outcomes: readonly Outcome[]): string {
  const [bound, known] = outcomes
  const rows = outcomes.map(outcome => [
    outcome.policy,
    outcome.bridgeHours.toFixed(1),
    ratio(outcome, bound),
    ratio(outcome, known),
    String(outcome.peakBridges),
    share(outcome.minutesOver08, outcome.participantMinutes),
    String(outcome.cut),
    String(outcome.moved),
    String(outcome.redistributed),
    String(outcome.refused),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`### ${name}`, '', line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join(
    '\n',
  )
}

function ratio({ bridgeHours }: Outcome, to: Outcome | undefined): string {
  return to && to.bridgeHours > 0 ? (bridgeHours / to.bridgeHours).toFixed(2) : ''
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : ''
}
