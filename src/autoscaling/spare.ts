import type { BridgeFacts } from '../api/facts.ts'

/** Per cent of a bridge that a participant takes where too few are there to tell: JVB's default. */
const usualShare = 1

/** Fewer people say little about what one of them takes. */
const enoughPeople = 20

/**
 * What one participant takes, in per cent of a bridge, as seen on bridges with so much stress and
 * so many people together. It depends on their CPUs and on who sends video, so it is measured; odd
 * values are cut off.
 */
export function shareOf({ stress, people }: { stress: number; people: number }): number {
  if (people < enoughPeople) return usualShare
  return Math.min(5, Math.max(0.2, (stress * 100) / people))
}

const totalsOf = (facts: readonly BridgeFacts[]) => ({
  stress: facts.reduce((sum, { stress }) => sum + stress, 0),
  people: facts.reduce((sum, { participants }) => sum + participants, 0),
})

/**
 * Loads (per cent of a bridge) with room added that is to be kept ahead of them: a number of
 * participants spread over the bridges, or per cent of what each carries.
 */
export function withSpare(
  facts: readonly BridgeFacts[],
  spare: string | undefined,
): (load: number) => number {
  if (spare === undefined || facts.length === 0) return load => load
  const amount = Number.parseInt(spare, 10)
  if (spare.endsWith('%')) return load => Math.round(load * (1 + amount / 100))
  const each = (amount * shareOf(totalsOf(facts))) / facts.length
  return load => Math.round(load + each)
}
