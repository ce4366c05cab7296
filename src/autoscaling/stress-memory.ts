import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { timeText } from '../kube/conditions.ts'
import { noMemory, type Recommendation } from './hpa.ts'
import type { Memory, PastRecommendation } from './scaling-rules.ts'

/*
 * What the `stress` source remembers, in the status of the Jitsi. An HPA notes its recommendation
 * every 15 seconds; written down like that, a fleet on which nothing happens would write its
 * status four times a minute. So what stands here is how long each recommendation was the last
 * one, and of those only what can still be the highest or the lowest of a window.
 */

const Remembered = Type.Object({
  /** The count that the fleet should have. */
  desired: Type.Integer({ minimum: 1 }),
  /** What was recommended last, before windows and policies, and is so until now. */
  recommended: Type.Integer({ minimum: 0 }),
  /** What was recommended before that, and until when; oldest first. */
  earlier: Type.Array(Type.Object({ until: Type.String(), replicas: Type.Integer() }), {
    maxItems: 200,
  }),
  /** Changes of `desired` that the policies still count. */
  changes: Type.Array(Type.Object({ at: Type.String(), change: Type.Integer() }), {
    maxItems: 200,
  }),
})
export type Remembered = Static<typeof Remembered>

/** Reads what status says; anything that we did not write is no memory. */
export function rememberedOf(status: unknown): Remembered | undefined {
  return Value.Check(Remembered, status) ? status : undefined
}

/**
 * The memory of the algorithm, as if it had looked just before now and at the end of each stretch.
 */
export function memoryOf(remembered: Remembered | undefined, now: Date): Memory {
  if (!remembered) return noMemory
  const last = { at: now.getTime() - 1, replicas: remembered.recommended }
  return {
    recommendations: [
      ...remembered.earlier.map(({ until, replicas }) => ({ at: Date.parse(until), replicas })),
      last,
    ],
    scaleEvents: remembered.changes.map(({ at, change }) => ({ at: Date.parse(at), change })),
  }
}

/** Out of two stretches with something higher or equal and something lower or equal after them. */
function canMatter(
  { replicas }: PastRecommendation,
  later: readonly PastRecommendation[],
  recommended: number,
): boolean {
  const after = [...later.map(one => one.replicas), recommended]
  return replicas > Math.max(...after) || replicas < Math.min(...after)
}

/** What to remember after a round: the same text as before where nothing has changed. */
export function rememberedAfter(
  round: Recommendation,
  before: Remembered | undefined,
  now: Date,
): Remembered {
  const recommended = round.proposed ?? before?.recommended ?? round.desired
  const past = round.memory.recommendations.filter(({ at }) => at < now.getTime() - 1)
  const wasUntilNow = before?.recommended ?? round.memory.recommendations[0]?.replicas
  const ended =
    wasUntilNow === undefined || wasUntilNow === recommended
      ? []
      : [{ at: now.getTime(), replicas: wasUntilNow }]
  const earlier = [...past, ...ended]
  return {
    desired: round.desired,
    recommended,
    earlier: earlier
      .filter((one, index) => canMatter(one, earlier.slice(index + 1), recommended))
      .map(({ at, replicas }) => ({ until: timeText(new Date(at)), replicas })),
    changes: round.memory.scaleEvents.map(({ at, change }) => ({
      at: timeText(new Date(at)),
      change,
    })),
  }
}
