import type { BridgeFacts } from '../api/facts.ts'
import type { JitsiStatus } from '../api/jitsi-status.ts'
import type { SyncRequest } from '../api/metacontroller.ts'
import { autoscaler, autoscalerProblem, loadBaseOf } from '../autoscaling/objects.ts'
import { type ScheduleState, scheduleAt } from '../autoscaling/schedule.ts'
import { type CountedBridge, decideByStress, type StressDecision } from '../autoscaling/stress.ts'
import type { Context } from '../components/context.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import { bridgeResources } from '../components/jvb/template.ts'
import { daemonsetSize } from '../components/jvb/topology.ts'
import { canonicalResources } from '../components/pod.ts'
import { type Judgement, timeText } from '../kube/conditions.ts'
import { isRecord } from '../kube/hash.ts'
import type { KubeObject } from '../kube/types.ts'

/** How many bridges there should be, and what belongs to that. */
export interface Scaling {
  desired: number
  /** The HorizontalPodAutoscaler, where there is one. */
  objects: KubeObject[]
  /** What status has to remember. */
  remembered: Record<string, unknown> | undefined
  judgements: Judgement[]
  /** When time alone changes the count. */
  lookAgainSeconds: number | undefined
}

/** Decides how many bridges there should be. */
export function scalingOf(
  context: Context,
  bridges: readonly Bridge[],
  controller: SyncRequest['controller'],
): Scaling {
  const { type, replicas } = context.spec.jvb.strategy
  if (type === 'static') return fixed(replicas)
  if (type === 'daemonset') return fixed(daemonsetSize(context))
  return autoscaled(context, bridges, controller)
}

const fixed = (desired: number): Scaling => ({
  desired,
  objects: [],
  remembered: undefined,
  judgements: [],
  lookAgainSeconds: undefined,
})

function autoscaled(
  context: Context,
  bridges: readonly Bridge[],
  controller: SyncRequest['controller'],
): Scaling {
  const { spec, now } = context
  const { strategy, autoscaling } = spec.jvb
  const schedule = scheduleAt(autoscaling.schedule, now, spec.timezone)
  const scheduled = Math.min(schedule.inForce?.minReplicas ?? 0, strategy.maxReplicas)
  const limits = {
    minReplicas: Math.max(strategy.minReplicas, scheduled),
    maxReplicas: strategy.maxReplicas,
  }
  const boundary = schedule.nextBoundary && (schedule.nextBoundary.getTime() - now.getTime()) / 1000
  if (autoscaling.metric.source === 'stress') {
    const decision = byStress(context, bridges, limits)
    return {
      desired: decision.desired,
      objects: [],
      remembered: { ...periods(schedule), stress: decision.remembered },
      judgements: [stressJudgement(decision, limits.maxReplicas)],
      lookAgainSeconds: soonest(boundary, decision.lookAgainSeconds),
    }
  }
  const input = {
    instance: context.instance,
    namespace: context.namespace,
    jvb: spec.jvb,
    cpu: bridgeCpu(context),
    minReplicas: limits.minReplicas,
    loadBase: loadBaseOf(controller),
  }
  const object = autoscaler(input)
  const followed = followScaleField(context, limits)
  return {
    desired: followed.desired,
    objects: object ? [object] : [],
    remembered: { ...periods(schedule), ...followed.remembered },
    judgements: [autoscalerJudgement(context, autoscalerProblem(input))],
    lookAgainSeconds: soonest(boundary, followed.lookAgainSeconds),
  }
}

function soonest(...seconds: (number | undefined)[]): number | undefined {
  const known = seconds.filter(second => second !== undefined)
  return known.length > 0 ? Math.max(1, Math.ceil(Math.min(...known))) : undefined
}

/** Which schedule entry is in force and which begins next, as status shows it. */
function periods({ inForce, next }: ScheduleState): Record<string, unknown> {
  return {
    ...(inForce
      ? {
          scheduleInForce: {
            name: inForce.name,
            minReplicas: inForce.minReplicas,
            until: timeText(inForce.end),
          },
        }
      : {}),
    ...(next
      ? {
          scheduleNext: {
            name: next.name,
            minReplicas: next.minReplicas,
            at: timeText(next.begin),
          },
        }
      : {}),
  }
}

function byStress(
  context: Context,
  bridges: readonly Bridge[],
  limits: { minReplicas: number; maxReplicas: number },
): StressDecision {
  const { autoscaling } = context.spec.jvb
  const { target } = autoscaling.metric
  const { behavior, tolerance, spare } = autoscaling
  const seen = {
    bridges: counted(bridges),
    draining: draining(bridges),
    now: context.now,
    status: before(context).stress,
  }
  return decideByStress(seen, {
    ...limits,
    target,
    spare,
    ...(behavior ? { behavior } : {}),
    ...(tolerance ? { tolerance } : {}),
  })
}

/** What draining bridges carry still has to fit somewhere; what they could carry does not count. */
function draining(bridges: readonly Bridge[]): BridgeFacts[] {
  return bridges.flatMap(({ state, facts }) =>
    state === 'Draining' && facts?.reachable ? [facts] : [],
  )
}

/** Draining bridges would dilute the mean. */
function counted(bridges: readonly Bridge[]): CountedBridge[] {
  return bridges.flatMap(({ state, facts, intent }) =>
    intent === 'serve' && (state === 'Pending' || state === 'Starting' || state === 'Serving')
      ? [{ state, facts }]
      : [],
  )
}

function bridgeCpu({ spec }: Context) {
  const { requests, limits } = canonicalResources(spec.jvb.resources ?? bridgeResources)
  return { request: requests?.cpu, limit: limits?.cpu }
}

/** What status remembered of the autoscaling. */
function before({ jitsi }: Context): Record<string, unknown> {
  const { autoscaling } = isRecord(jitsi.status) ? jitsi.status : {}
  return isRecord(autoscaling) ? autoscaling : {}
}

/** Our own default for shrinking: one bridge or a tenth, every five minutes. */
const shrinkSeconds = 300

/**
 * How long an autoscaler with its own pace must ask for fewer. It looks every 15 s, and after its
 * scale field was reset by hand it first asks for its minimum, before it has looked at the load.
 */
const confirmSeconds = 60

/** The count to follow, what status must remember for that, and when time alone changes it. */
type Followed = Pick<Scaling, 'desired' | 'remembered' | 'lookAgainSeconds'>

/**
 * The count from the scale field, which the autoscaler writes. Whoever applies a manifest without
 * it resets it to its default, so a fall counts only where the autoscaler itself asks for it: for a
 * while, if the spec says how fast to shrink, else no faster than our default.
 */
function followScaleField(
  context: Context,
  { minReplicas, maxReplicas }: { minReplicas: number; maxReplicas: number },
): Followed {
  const { jitsi, spec, now } = context
  const { fleet } = (isRecord(jitsi.status) ? jitsi.status : {}) as JitsiStatus
  const current = fleet?.desired ?? 0
  const asked = observedAutoscaler(context)?.status?.desiredReplicas
  const { replicas } = spec.jvb.strategy
  const wanted = Math.max(replicas, asked ?? current)
  const within = Math.min(Math.max(wanted, minReplicas), Math.max(minReplicas, maxReplicas))
  const { shrunkAt, fallingSince } = before(context)
  if (within >= current || current > maxReplicas) {
    return {
      desired: within,
      remembered: typeof shrunkAt === 'string' ? { shrunkAt } : {},
      lookAgainSeconds: undefined,
    }
  }
  return spec.jvb.autoscaling.behavior === undefined
    ? shrinkByOurPace(now, { current, within, since: shrunkAt })
    : shrinkWhenConfirmed(now, { current, within, since: fallingSince })
}

/** A fall from one count to another, and the time that status remembers of it. */
interface Fall {
  current: number
  within: number
  since: unknown
}

const secondsSince = (time: unknown, now: Date) =>
  typeof time === 'string' ? (now.getTime() - new Date(time).getTime()) / 1000 : undefined

function shrinkByOurPace(now: Date, { current, within, since }: Fall): Followed {
  const waited = secondsSince(since, now) ?? shrinkSeconds
  if (waited < shrinkSeconds) {
    return {
      desired: current,
      remembered: { shrunkAt: since },
      lookAgainSeconds: shrinkSeconds - waited,
    }
  }
  const step = Math.max(1, Math.floor(current / 10))
  return {
    desired: Math.max(within, current - step),
    remembered: { shrunkAt: timeText(now) },
    lookAgainSeconds: shrinkSeconds,
  }
}

function shrinkWhenConfirmed(now: Date, { current, within, since }: Fall): Followed {
  const waited = secondsSince(since, now)
  if (waited !== undefined && waited >= confirmSeconds) {
    return { desired: within, remembered: {}, lookAgainSeconds: undefined }
  }
  return {
    desired: current,
    remembered: { fallingSince: waited === undefined ? timeText(now) : since },
    lookAgainSeconds: confirmSeconds - (waited ?? 0),
  }
}

interface ObservedAutoscaler extends KubeObject {
  status?: {
    desiredReplicas?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

const observedAutoscaler = ({ observed }: Context) =>
  observed.all.find(({ kind }) => kind === 'HorizontalPodAutoscaler') as
    | ObservedAutoscaler
    | undefined

function stressJudgement({ reason, message, desired }: StressDecision, most: number): Judgement {
  const full = desired >= most && reason === 'TooManyReplicas'
  return { type: 'Autoscaling', status: full ? 'False' : 'True', reason, message }
}

const components: Record<string, string> = {
  cpu: 'metrics-server (spec.jvb.autoscaling.metric.source stress needs nothing)',
  'kube-metrics-adapter': 'kube-metrics-adapter',
  custom: 'the adapter that serves your metric',
}

/** The autoscaler's own judgement, and which component to install where it has no figures. */
function autoscalerJudgement(context: Context, problem: string | undefined): Judgement {
  const no = (reason: string, message: string): Judgement => ({
    type: 'Autoscaling',
    status: 'False',
    reason,
    message,
  })
  if (problem) return no('NoAutoscaler', problem)
  const { conditions = [], desiredReplicas } = observedAutoscaler(context)?.status ?? {}
  const active = conditions.find(({ type }) => type === 'ScalingActive')
  const limited = conditions.find(({ type }) => type === 'ScalingLimited')
  if (active?.status === 'False') {
    const { source } = context.spec.jvb.autoscaling.metric
    return no(
      active.reason ?? 'NoMetric',
      `the autoscaler has no figures, and the fleet stays as it is: install ${components[source]}. It says: ${active.message}`,
    )
  }
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas') {
    return no(
      'AtMaximum',
      'more bridges are needed than spec.jvb.strategy.maxReplicas allows: raise it',
    )
  }
  if (desiredReplicas === undefined) {
    return { ...no('NotYet', 'the autoscaler has not decided yet'), status: 'Unknown' }
  }
  return {
    type: 'Autoscaling',
    status: 'True',
    reason: 'Follows',
    message: `the autoscaler wants ${desiredReplicas} bridges`,
  }
}
