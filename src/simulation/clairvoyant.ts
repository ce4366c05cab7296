import type { Outcome, Sample } from './outcome.ts'
import { packed } from './packing.ts'
import { fullBridge, type Sizes } from './sizes.ts'
import { presentPerMinute, type Trace } from './trace.ts'

/*
 * What the day would have taken with knowledge of it beforehand. Two figures, since the true least
 * is not known: it lies between them.
 */

/**
 * People over full bridges, minute by minute. Nothing can take less, and nothing can take as
 * little: it has bridges without any start-up, and cuts meetings to measure.
 */
export function fluidBound(trace: Trace, sizes: Sizes): Outcome {
  const counts = presentPerMinute(trace).map(people => Math.ceil(people / fullBridge(sizes)))
  return outcome('fluid bound', counts, { trace, sizes })
}

/**
 * A policy that knows the day and could exist: every meeting is put where it costs least and stays
 * there until it ends, no bridge is ever beyond a stress of 0.8, and bridges take the time to start
 * that they take.
 */
export function clairvoyant(trace: Trace, sizes: Sizes): Outcome {
  return outcome('clairvoyant', packed(trace, sizes), { trace, sizes })
}

function outcome(
  policy: string,
  counts: readonly number[],
  { trace, sizes }: { trace: Trace; sizes: Sizes },
): Outcome {
  const samples = presentPerMinute(trace).map((people, minute): Sample => {
    const bridges = Math.max(sizes.minReplicas, counts[minute] ?? 0)
    return { minute, bridges, people, worst: (0.8 * people) / (bridges * fullBridge(sizes)) }
  })
  return {
    policy,
    samples,
    bridgeHours: samples.reduce((sum, { bridges }) => sum + bridges, 0) / 60,
    peakBridges: Math.max(0, ...samples.map(({ bridges }) => bridges)),
    minutesOver08: 0,
    participantMinutes: samples.reduce((sum, { people }) => sum + people, 0),
    cut: 0,
    moved: 0,
    redistributed: 0,
    refused: 0,
  }
}
