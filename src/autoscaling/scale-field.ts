import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { timeText } from '../kube/conditions.ts'
import { type BehaviorSpec, behaviorOf, type ScalingRules } from './behavior.ts'
import { fewestAllowed, remembered, type ScaleEvent } from './scaling-rules.ts'

/*
 * The count of bridges where a HorizontalPodAutoscaler decides. It writes the scale field, and so
 * does everybody else: a manifest applied again without it, `kubectl replace` and `kubectl scale`
 * change it too. The autoscaler then begins anew from what it finds: below its minimum it asks for
 * the minimum, without a look at the load, at its windows or at its policies. So a fall is
 * examined here as well.
 */

/** What is seen of a fleet whose autoscaler is an object in the cluster. */
export interface ScaleFieldSeen {
  readonly now: Date
  /** The count of the last plan; 0 where there was none. */
  readonly current: number
  /** The scale field. */
  readonly replicas: number
  /** What the autoscaler's own status asks for; undefined where it has not decided yet. */
  readonly asked: number | undefined
  /** The fewest bridges that carry what is there now. */
  readonly carrying: number
  /** What the last plan asked to remember, as status has it. */
  readonly status: unknown
}

/** The limits in force, and `spec.jvb.autoscaling`. */
export interface ScaleFieldSpec extends BehaviorSpec {
  readonly minReplicas: number
  readonly maxReplicas: number
}

/** The count to follow, what status must remember for that, and when time alone changes it. */
export interface Followed {
  readonly desired: number
  readonly remembered: Remembered
  readonly lookAgainSeconds: number | undefined
}

const Remembered = Type.Object({
  /** Since when fewer bridges are asked for, without a break. */
  fallingSince: Type.Optional(Type.String()),
  /** Falls that the policies still count. */
  shrunk: Type.Optional(Type.Array(Type.Object({ at: Type.String(), change: Type.Integer() }))),
})
type Remembered = Static<typeof Remembered>

/**
 * How long fewer must be asked for. An autoscaler looks every 15 s, and by its second look it has
 * seen the load again.
 */
const confirmSeconds = 60

/**
 * The count that the scale field stands for. It grows as asked. It falls only where the autoscaler
 * itself goes on asking for it, by no more than the policies for shrinking allow, and never below
 * the load. Only a lowered maximum counts at once.
 */
export function followScaleField(seen: ScaleFieldSeen, spec: ScaleFieldSpec): Followed {
  const { now, replicas, asked } = seen
  const most = Math.max(spec.minReplicas, spec.maxReplicas)
  const current = Math.min(seen.current, most)
  const wanted = Math.min(Math.max(replicas, asked ?? current, spec.minReplicas), most)
  const before = Value.Check(Remembered, seen.status) ? seen.status : {}
  const behavior = behaviorOf(spec)
  const { scaleEvents } = remembered(
    { recommendations: [], scaleEvents: eventsOf(before) },
    behavior,
    now.getTime(),
  )
  if (wanted >= current) {
    return { desired: wanted, remembered: shrunk(scaleEvents), lookAgainSeconds: undefined }
  }
  const falling = secondsSince(before.fallingSince, now) ?? 0
  const fallingSince = timeText(new Date(now.getTime() - falling * 1000))
  if (falling < confirmSeconds) {
    return {
      desired: current,
      remembered: { ...shrunk(scaleEvents), fallingSince },
      lookAgainSeconds: confirmSeconds - falling,
    }
  }
  const at = { current, now: now.getTime() }
  const allowed = fewestAllowed(at, scaleEvents, behavior.scaleDown)
  const desired = Math.max(wanted, allowed, Math.min(current, seen.carrying))
  const fall = desired < current ? [{ at: at.now, change: desired - current }] : []
  return {
    desired,
    remembered: { ...shrunk([...scaleEvents, ...fall]), fallingSince },
    lookAgainSeconds: wanted < desired ? pauseOf(behavior.scaleDown) : undefined,
  }
}

/** Undefined for no time, or one that has not come. */
function secondsSince(time: string | undefined, now: Date): number | undefined {
  const seconds = (now.getTime() - Date.parse(time ?? '')) / 1000
  return seconds >= 0 ? seconds : undefined
}

/** Seconds until a policy may allow more, or people may have left. */
function pauseOf({ policies }: ScalingRules): number {
  return Math.max(15, Math.min(60, ...policies.map(({ periodSeconds }) => periodSeconds)))
}

const eventsOf = ({ shrunk = [] }: Remembered): ScaleEvent[] =>
  shrunk.map(({ at, change }) => ({ at: Date.parse(at), change }))

function shrunk(events: readonly ScaleEvent[]): Remembered {
  if (events.length === 0) return {}
  return { shrunk: events.map(({ at, change }) => ({ at: timeText(new Date(at)), change })) }
}
