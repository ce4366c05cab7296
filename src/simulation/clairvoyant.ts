import type { Outcome } from './outcome.ts'
import { fullBridge, type Sizes } from './sizes.ts'
import { presentPerMinute, type Trace } from './trace.ts'

/**
 * The least that could have carried the day: whoever knew it beforehand, had bridges without any
 * start-up, could cut every meeting to measure and fill each bridge to a stress of exactly 0.8.
 * Nobody can do that; it is a bound, and no policy.
 */
export function clairvoyant(trace: Trace, sizes: Sizes): Outcome {
  const samples = presentPerMinute(trace).map((people, minute) => {
    const bridges = Math.max(sizes.minReplicas, Math.ceil(people / fullBridge(sizes)))
    return { minute, bridges, people, worst: (0.8 * people) / (bridges * fullBridge(sizes)) }
  })
  return {
    policy: 'clairvoyant',
    samples,
    bridgeHours: samples.reduce((sum, { bridges }) => sum + bridges, 0) / 60,
    peakBridges: Math.max(0, ...samples.map(({ bridges }) => bridges)),
    minutesOver08: 0,
    participantMinutes: samples.reduce((sum, { people }) => sum + people, 0),
    cut: 0,
    moved: 0,
    refused: 0,
  }
}
