import type { Behavior, ScalingRules } from './behavior.ts'
import { type Figure, type Proposal, propose } from './proposal.ts'
import { fewestAllowed, type Memory, mostAllowed, remembered, stabilized } from './scaling-rules.ts'

/*
 * The algorithm of Kubernetes' HorizontalPodAutoscaler as one pure function. The `stress` source
 * decides by it inside the plan, and the simulation uses it as its HPA.
 */

/** The fields of a HorizontalPodAutoscaler that the algorithm reads. */
export interface HpaSpec {
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Whole per cent of a full bridge that an average bridge should have. */
  readonly target: number
  readonly behavior: Behavior
}

/** One look at the fleet. */
export interface Look {
  readonly now: Date
  /** The count asked for at present: the scale field, not what happens to run. */
  readonly current: number
  /** One for each bridge that the selector counts. */
  readonly figures: readonly Figure[]
}

/** What should be, what to remember for the next look, and why. */
export interface Recommendation {
  readonly desired: number
  readonly memory: Memory
  /** A stable CamelCase constant; those of an HPA's conditions where it has one. */
  readonly reason: string
  /** A sentence for people. */
  readonly message: string
  /** Mean load in per cent; undefined where no bridge has a figure. */
  readonly mean: number | undefined
  /** The count before windows and policies; undefined where none was worked out. */
  readonly proposed: number | undefined
}

/** Nothing remembered yet. */
export const noMemory: Memory = { recommendations: [], scaleEvents: [] }

/** Kubernetes' own, where rules do not say. */
const usualTolerance = 0.1

const toleranceOf = ({ tolerance }: ScalingRules) => quantityNumber(tolerance) ?? usualTolerance

/** Tolerances are quantities: `0.05`, or `50m` as the API server writes it back. */
function quantityNumber(quantity: string | number | undefined): number | undefined {
  if (quantity === undefined) return undefined
  const text = String(quantity)
  const number = text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text)
  return Number.isFinite(number) ? number : undefined
}

/**
 * One round of the algorithm. Without memory it begins as the HPA does after a restart of its
 * controller: the present count is the only recommendation, so that nothing shrinks before the
 * window for shrinking has passed.
 */
export function recommend(look: Look, spec: HpaSpec, memory: Memory): Recommendation {
  const now = look.now.getTime()
  const { current } = look
  const begun: Memory =
    memory.recommendations.length > 0
      ? memory
      : { ...memory, recommendations: [{ at: now, replicas: current }] }
  const outside = outsideLimits(current, spec)
  if (outside) return changed(begun, { look, spec, mean: undefined, ...outside })
  const { up, down } = {
    up: toleranceOf(spec.behavior.scaleUp),
    down: toleranceOf(spec.behavior.scaleDown),
  }
  const proposal = propose(look, spec.target, { up, down })
  if (!proposal) return { desired: current, memory: begun, ...nothingKnown }
  const calm = stabilized(
    { current, now, desired: proposal.replicas },
    begun.recommendations,
    spec.behavior,
  )
  const limited = limitedBy(look, spec, { memory: begun, asked: calm.replicas })
  const recommendations = [...begun.recommendations, { at: now, replicas: proposal.replicas }]
  const reason = limited.reason ?? calm.reason ?? proposal.held ?? 'DesiredWithinRange'
  return changed(
    { ...begun, recommendations },
    { look, spec, desired: limited.replicas, reason, mean: proposal.mean, proposal },
  )
}

const nothingKnown = {
  reason: 'NoFigures',
  message: 'no bridge has a figure, so the number of bridges stays',
  mean: undefined,
  proposed: undefined,
}

function outsideLimits(
  current: number,
  { minReplicas, maxReplicas }: HpaSpec,
): { desired: number; reason: string } | undefined {
  if (current > maxReplicas) return { desired: maxReplicas, reason: 'AboveMaximum' }
  if (current < minReplicas) return { desired: minReplicas, reason: 'BelowMinimum' }
  return undefined
}

/** The policies for the direction asked for, and the limit at its end; the nearer one counts. */
function limitedBy(
  look: Look,
  spec: HpaSpec,
  { memory, asked }: { memory: Memory; asked: number },
): { replicas: number; reason: string | undefined } {
  const at = { current: look.current, now: look.now.getTime() }
  const { scaleUp, scaleDown } = spec.behavior
  if (asked > at.current) {
    const most = mostAllowed(at, memory.scaleEvents, scaleUp)
    const replicas = Math.min(asked, most, spec.maxReplicas)
    const reason = spec.maxReplicas > most ? 'ScaleUpLimit' : 'TooManyReplicas'
    return { replicas, reason: replicas < asked ? reason : undefined }
  }
  if (asked < at.current) {
    const fewest = fewestAllowed(at, memory.scaleEvents, scaleDown)
    const replicas = Math.max(asked, fewest, spec.minReplicas)
    const reason = spec.minReplicas < fewest ? 'ScaleDownLimit' : 'TooFewReplicas'
    return { replicas, reason: replicas > asked ? reason : undefined }
  }
  return { replicas: asked, reason: undefined }
}

interface Change {
  look: Look
  spec: HpaSpec
  desired: number
  reason: string
  mean: number | undefined
  proposal?: Proposal
}

function changed(memory: Memory, change: Change): Recommendation {
  const { look, spec, desired, reason, mean } = change
  const at = look.now.getTime()
  const scaleEvents =
    desired === look.current
      ? memory.scaleEvents
      : [...memory.scaleEvents, { at, change: desired - look.current }]
  return {
    desired,
    memory: remembered({ ...memory, scaleEvents }, spec.behavior, at),
    reason,
    message: sentence(change),
    mean,
    proposed: change.proposal?.replicas,
  }
}

/** The lowest mean, in whole per cent, that asks for more bridges. */
export const growsFrom = (target: number, { scaleUp }: Behavior): number =>
  Math.floor(target * (1 + toleranceOf(scaleUp))) + 1

const because: Record<string, string> = {
  ScaleUpLimit: 'they may not become more any faster',
  ScaleDownLimit: 'they may not become fewer any faster',
  ScaleUpStabilized: 'a little while ago fewer were enough',
  ScaleDownStabilized: 'a little while ago more were needed',
  UnknownBridges: 'too little is known of the others',
  WithinTolerance: 'that is near enough',
}

function sentence({ look, spec, desired, reason, mean, proposal }: Change): string {
  if (reason === 'AboveMaximum') return `${look.current} bridges are more than maxReplicas allows`
  if (reason === 'BelowMinimum') return `${look.current} bridges are fewer than the minimum`
  const more = growsFrom(spec.target, spec.behavior)
  const known = `bridges are at ${mean} % on average (target ${spec.target} %, more from ${more} % on)`
  const asked = proposal?.replicas ?? desired
  if (reason === 'TooManyReplicas')
    return `${known}; ${asked} are needed, maxReplicas is ${desired}`
  if (reason === 'TooFewReplicas') return `${known}; ${asked} would do, the minimum is ${desired}`
  if (reason === 'DesiredWithinRange') return `${known}, which takes ${desired}`
  const why = because[reason]
  if (asked === desired) return `${known}: ${why}`
  return `${known}, which takes ${asked}: ${why}, so there are ${desired}`
}
