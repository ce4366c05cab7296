import type { BridgeFacts } from '../api/facts.ts'
import { type BehaviorSpec, behaviorOf } from './behavior.ts'
import { type HpaSpec, type Recommendation, recommend } from './hpa.ts'
import type { Figure } from './proposal.ts'
import { loadsOf } from './spare.ts'
import { memoryOf, type Remembered, rememberedAfter, rememberedOf } from './stress-memory.ts'

/*
 * The `stress` source: the plan decides by itself how many bridges there should be, from the
 * stress that the bridges report, by the algorithm of the HorizontalPodAutoscaler. It needs no
 * metrics-server and no adapter.
 */

/** A bridge that counts: it starts or serves. Draining, suspect and ended ones are left out. */
export interface CountedBridge {
  readonly state: 'Pending' | 'Starting' | 'Serving'
  readonly facts: BridgeFacts | undefined
}

/** What is seen of a fleet. */
export interface FleetSeen {
  readonly now: Date
  readonly bridges: readonly CountedBridge[]
  /** Of the bridges that wait for their meetings to end: they carry load, but do not count. */
  readonly draining: readonly BridgeFacts[]
  /** The count of the last plan, by whatever topology or source; undefined where there was none. */
  readonly planned?: number | undefined
  /** What the last decision asked to remember. */
  readonly status: unknown
}

/** What `spec.jvb` says about an autoscaled fleet, with the minimum of the schedule. */
export interface StressSpec extends BehaviorSpec {
  readonly minReplicas: number
  readonly maxReplicas: number
  /** `metric.target`: stress of an average bridge, such as `0.5`. */
  readonly target: string
  readonly spare?: string | undefined
}

/** What should be, why, and what status has to remember of it. */
export interface StressDecision {
  readonly desired: number
  readonly remembered: Remembered
  readonly reason: string
  readonly message: string
  readonly mean: number | undefined
  /** When to look again although no fact changes; undefined where time alone changes nothing. */
  readonly lookAgainSeconds: number | undefined
}

/**
 * One decision. Where what was remembered is lost, or was written for another source, the fleet
 * goes on from what was planned and from the bridges that count now: it may grow, but shrinks only
 * after a whole window.
 */
export function decideByStress(seen: FleetSeen, spec: StressSpec): StressDecision {
  const { bridges, now, status } = seen
  const before = rememberedOf(status)
  const current = before?.desired ?? Math.max(bridges.length, seen.planned ?? 0, spec.minReplicas)
  const hpa: HpaSpec = {
    minReplicas: spec.minReplicas,
    maxReplicas: Math.max(spec.minReplicas, spec.maxReplicas),
    target: Math.max(1, Math.round(Number(spec.target) * 100)),
    behavior: behaviorOf(spec),
  }
  const figures = figuresOf(seen, spec.spare)
  const round = recommend({ now, current, figures }, hpa, memoryOf(before, now))
  return {
    desired: round.desired,
    remembered: rememberedAfter(round, before, now),
    reason: round.reason,
    message: round.message,
    mean: round.mean,
    lookAgainSeconds: lookAgain(round),
  }
}

function figuresOf({ bridges, draining }: FleetSeen, spare: string | undefined): Figure[] {
  const known = bridges.flatMap(({ state, facts }) =>
    state === 'Serving' && facts?.reachable ? [facts] : [],
  )
  const loads = loadsOf(known, draining, spare)
  const unknown = bridges.flatMap(({ state, facts }): Figure[] => {
    if (state !== 'Serving') return ['starting']
    return facts?.reachable ? [] : ['missing']
  })
  return [...loads, ...unknown]
}

/** The HPA looks every 15 seconds; a fleet that shrinks has more time. */
function lookAgain({ desired, proposed, reason }: Recommendation): number | undefined {
  if (proposed === undefined || proposed === desired) return undefined
  // At a limit of the spec it takes another load, or another spec.
  if (reason === 'TooManyReplicas' || reason === 'TooFewReplicas') return undefined
  return proposed > desired ? 15 : 60
}
