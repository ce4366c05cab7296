import type { BridgeFacts } from '../api/facts.ts'
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
import type { KubeObject } from '../kube/types.ts'
import { followScaleField, observedAutoscaler, rememberedOf } from './scale-field.ts'

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
    status: rememberedOf(context).stress,
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
