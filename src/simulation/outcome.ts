import type { Tally } from './fleet/tally.ts'

/** The state of a day at one minute. */
export interface Sample {
  minute: number
  /** Bridges that are paid for, starting and draining ones too. */
  bridges: number
  people: number
  /** The highest stress of any bridge. */
  worst: number
}

/** What a policy made of a day. */
export interface Outcome {
  policy: string
  samples: Sample[]
  bridgeHours: number
  peakBridges: number
  /** Participant-minutes on a bridge with a stress above 0.8. */
  minutesOver08: number
  participantMinutes: number
  /** People whose meeting was cut: nowhere else to go. */
  cut: number
  /** People who were moved to another bridge: a gap of a second or two. */
  moved: number
  /** People whom jicofo moved from a full bridge to another one. */
  redistributed: number
  /** People who found no bridge when they came. */
  refused: number
}

/** Sums up a day of samples a minute apart. */
export function outcomeOf(policy: string, samples: Sample[], tally: Tally): Outcome {
  return {
    policy,
    samples,
    bridgeHours: samples.reduce((sum, { bridges }) => sum + bridges, 0) / 60,
    peakBridges: Math.max(0, ...samples.map(({ bridges }) => bridges)),
    minutesOver08: tally.minutesOver08,
    participantMinutes: tally.participantMinutes,
    cut: tally.cut,
    moved: tally.moved,
    redistributed: tally.redistributed,
    refused: tally.refused,
  }
}
