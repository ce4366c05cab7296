import type { JitsiStatus } from '../api/jitsi-status.ts'
import type { SyncRequest } from '../api/metacontroller.ts'
import { growth } from '../autoscaling/growth.ts'
import { autoscaler, autoscalerProblem, loadBaseOf } from '../autoscaling/objects.ts'
import { type Followed, followScaleField } from '../autoscaling/scale-field.ts'
import { type ScheduleState, scheduleAt } from '../autoscaling/schedule.ts'
import { decideByStress, type StressDecision } from '../autoscaling/stress.ts'
import type { Context } from '../components/context.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import { bridgeResources } from '../components/jvb/template.ts'
import { daemonsetSize } from '../components/jvb/topology.ts'
import { canonicalResources } from '../components/pod-patch.ts'
import { type Judgement, timeText } from '../kube/conditions.ts'
import { isRecord } from '../kube/record.ts'
import type { KubeObject } from '../kube/types.ts'
import { autoscalerJudgement, observedAutoscaler, stressJudgement } from './autoscaler-judgement.ts'
import { carrying, counted, draining } from './fleet-load.ts'

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
  const followed = byScaleField(context, bridges, limits)
  return {
    desired: followed.desired,
    objects: object ? [object] : [],
    remembered: { ...periods(schedule), ...followed.remembered },
    judgements: [
      autoscalerJudgement(context, {
        problem: autoscalerProblem(input),
        growth: growth(input),
      }),
    ],
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
    planned: plannedBefore(context),
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

/** Follows the scale field, which the autoscaler writes, as far as the fleet's load lets it. */
function byScaleField(
  context: Context,
  bridges: readonly Bridge[],
  limits: { minReplicas: number; maxReplicas: number },
): Followed {
  const { spec, now } = context
  const { behavior } = spec.jvb.autoscaling
  const seen = {
    now,
    // A lost status does not take the fleet back to what the field happens to say.
    current: plannedBefore(context) ?? counted(bridges).length,
    replicas: spec.jvb.strategy.replicas,
    asked: observedAutoscaler(context)?.status?.desiredReplicas,
    carrying: carrying(context, bridges),
    status: rememberedOf(context),
  }
  return followScaleField(seen, { ...limits, ...(behavior ? { behavior } : {}) })
}

function bridgeCpu({ spec }: Context) {
  const { requests, limits } = canonicalResources(spec.jvb.resources ?? bridgeResources)
  return { request: requests?.cpu, limit: limits?.cpu }
}

/** The count of the last plan. */
function plannedBefore({ jitsi }: Context): number | undefined {
  const { fleet } = (isRecord(jitsi.status) ? jitsi.status : {}) as JitsiStatus
  return fleet?.desired
}

/** What status remembered of the autoscaling. */
function rememberedOf({ jitsi }: Context): Record<string, unknown> {
  const { autoscaling } = isRecord(jitsi.status) ? jitsi.status : {}
  return isRecord(autoscaling) ? autoscaling : {}
}
