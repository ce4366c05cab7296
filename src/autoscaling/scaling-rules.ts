import type { Behavior, ScalingRules } from './behavior.ts'

/*
 * What a HorizontalPodAutoscaler makes of a recommendation before it acts on it: windows that
 * smooth it, and policies that limit how fast the count moves. The semantics are those of
 * kube-controller-manager 1.36 (pkg/controller/podautoscaler/horizontal.go,
 * normalizeDesiredReplicasWithBehaviors), as pure functions over plain data.
 */

/** What was recommended at a time, before windows and policies. Times are in milliseconds. */
export interface PastRecommendation {
  readonly at: number
  readonly replicas: number
}

/** By how many bridges the count was changed at a time; negative where it fell. */
export interface ScaleEvent {
  readonly at: number
  readonly change: number
}

/** What the algorithm remembers. Empty is a good start. */
export interface Memory {
  readonly recommendations: readonly PastRecommendation[]
  readonly scaleEvents: readonly ScaleEvent[]
}

/** A count, and why it is not the one asked for (undefined where it is). */
export interface Limited {
  readonly replicas: number
  readonly reason: string | undefined
}

const after = (events: readonly { at: number }[], now: number, seconds: number) =>
  events.filter(({ at }) => at > now - seconds * 1000)

/**
 * Growing takes the lowest recommendation of the window for growing, shrinking the highest of the
 * window for shrinking; between the two the count stays.
 */
export function stabilized(
  { current, desired, now }: { current: number; desired: number; now: number },
  past: readonly PastRecommendation[],
  behavior: Behavior,
): Limited {
  const within = ({ stabilizationWindowSeconds: seconds }: ScalingRules) =>
    (after(past, now, seconds) as PastRecommendation[]).map(({ replicas }) => replicas)
  const lowest = Math.min(desired, ...within(behavior.scaleUp))
  const highest = Math.max(desired, ...within(behavior.scaleDown))
  const replicas = Math.min(Math.max(current, lowest), highest)
  const reason = desired >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized'
  return { replicas, reason: replicas === desired ? undefined : reason }
}

/** The count at the beginning of a policy's period, as far as changes by us explain it. */
function startOfPeriod(
  { current, now }: { current: number; now: number },
  events: readonly ScaleEvent[],
  seconds: number,
): number {
  const changes = after(events, now, seconds) as ScaleEvent[]
  return current - changes.reduce((sum, { change }) => sum + change, 0)
}

/** The most bridges that the policies for growing allow now. */
export function mostAllowed(
  at: { current: number; now: number },
  events: readonly ScaleEvent[],
  { selectPolicy, policies }: ScalingRules,
): number {
  if (selectPolicy === 'Disabled') return at.current
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = startOfPeriod(at, events, periodSeconds)
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
  })
  return Math.max(at.current, selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits))
}

/** The fewest bridges that the policies for shrinking allow now. */
export function fewestAllowed(
  at: { current: number; now: number },
  events: readonly ScaleEvent[],
  { selectPolicy, policies }: ScalingRules,
): number {
  if (selectPolicy === 'Disabled') return at.current
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = startOfPeriod(at, events, periodSeconds)
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100))
  })
  return Math.min(at.current, selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits))
}

/** What may matter to a later call: nothing that is older than every window and period. */
export function remembered(memory: Memory, behavior: Behavior, now: number): Memory {
  const both = [behavior.scaleUp, behavior.scaleDown]
  const longestWindow = Math.max(...both.map(rules => rules.stabilizationWindowSeconds))
  const periods = both.flatMap(({ policies }) => policies.map(policy => policy.periodSeconds))
  const past = after(memory.recommendations, now, longestWindow) as PastRecommendation[]
  const events = after(memory.scaleEvents, now, Math.max(0, ...periods)) as ScaleEvent[]
  return { recommendations: past, scaleEvents: events }
}
