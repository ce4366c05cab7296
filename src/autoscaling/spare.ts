/** Stress of a bridge and the people on it. */
export interface Carried {
  readonly stress: number
  readonly participants: number
}

/** Per cent of a bridge that a participant takes where too few are there to tell: JVB's default. */
const usualShare = 1

/** Fewer people say little about what one of them takes. */
const enoughPeople = 20

/**
 * What one participant takes, in per cent of a bridge, where it is least. It depends on CPUs and on
 * who sends video, so it is measured; but bridges that share a meeting carry each other's people
 * too, so the leanest bridge tells. Odd values are cut off.
 */
export function shareOf(bridges: readonly Carried[]): number {
  const shares = bridges
    .filter(({ participants }) => participants >= enoughPeople)
    .map(({ stress, participants }) => (stress * 100) / participants)
  return shares.length > 0 ? Math.min(5, Math.max(0.2, Math.min(...shares))) : usualShare
}

/** From here on a bridge reports its limit, however much is asked of it. */
const saturated = 0.95

/** Nobody is believed to want more than two bridges in the place of one. */
const mostLoad = 200

/**
 * The load of a bridge in per cent of a full one: its stress, and where that has reached its limit
 * what its people take elsewhere, if that is more.
 */
export function loadOfBridge(facts: Carried, share: number): number {
  const load = facts.stress * 100
  if (facts.stress < saturated) return load
  return Math.min(mostLoad, Math.max(load, facts.participants * share))
}

/**
 * The load of each serving bridge that the count has to be made for, in whole per cent:
 * - its own;
 * - its part of what bridges carry that drain: they are not counted, but their people come back
 *   for the next meeting, and a count that forgot them would shrink because it shrank;
 * - its part of the room to keep: participants (`100`), or per cent of the load (`20%`).
 */
export function loadsOf(
  serving: readonly Carried[],
  draining: readonly Carried[],
  spare = '',
): number[] {
  const calm = [...serving, ...draining].filter(({ stress }) => stress < saturated)
  const share = shareOf(calm)
  const amount = Number.parseInt(spare, 10) || 0
  const factor = spare.endsWith('%') ? 1 + amount / 100 : 1
  const added = spare.endsWith('%') ? 0 : amount * share
  const drained = draining.reduce((sum, facts) => sum + loadOfBridge(facts, share), 0)
  return serving.map(facts => {
    const load = loadOfBridge(facts, share) + drained / serving.length
    return Math.round(load * factor + added / serving.length)
  })
}
