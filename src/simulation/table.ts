import type { Outcome } from './outcome.ts'

const heads = [
  'policy',
  'bridge-hours',
  '× bound',
  'peak bridges',
  'participant-min. > 0.8',
  'cut',
  'moved',
  'refused',
]

/** What the policies made of one day, as a Markdown table; the first outcome is the bound. */
export function table(name: string, outcomes: readonly Outcome[]): string {
  const bound = outcomes[0]?.bridgeHours ?? 0
  const rows = outcomes.map(outcome => [
    outcome.policy,
    outcome.bridgeHours.toFixed(1),
    bound > 0 ? (outcome.bridgeHours / bound).toFixed(2) : '',
    String(outcome.peakBridges),
    `${Math.round(outcome.minutesOver08)} of ${Math.round(outcome.participantMinutes)}`,
    String(outcome.cut),
    String(outcome.moved),
    String(outcome.refused),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`### ${name}`, '', line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join(
    '\n',
  )
}
