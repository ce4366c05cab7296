import type { StressDecision } from '../autoscaling/stress.ts'
import type { Context } from '../components/context.ts'
import { type Judgement, maybe, no, yes } from '../kube/conditions.ts'
import type { KubeObject } from '../kube/types.ts'

/*
 * The condition `Autoscaling`: why this many bridges, and what keeps the fleet from growing.
 */

/** What the plan's own algorithm says. */
export function stressJudgement(
  { reason, message, desired }: StressDecision,
  most: number,
): Judgement {
  const full = desired >= most && reason === 'TooManyReplicas'
  return (full ? no : yes)('Autoscaling', reason, message)
}

interface ObservedAutoscaler extends KubeObject {
  status?: {
    desiredReplicas?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

/** The HorizontalPodAutoscaler as it is observed, with what it has decided. */
export const observedAutoscaler = ({ observed }: Context) =>
  observed.all.find(({ kind }) => kind === 'HorizontalPodAutoscaler') as
    | ObservedAutoscaler
    | undefined

const components: Record<string, string> = {
  cpu: 'metrics-server (spec.jvb.autoscaling.metric.source stress needs nothing)',
  'kube-metrics-adapter':
    'kube-metrics-adapter, and let it reach this service and trust its certificate',
  custom: 'the adapter that serves your metric',
}

/**
 * The autoscaler's own judgement, what it takes to grow, and which component to install where it
 * has no figures.
 */
export function autoscalerJudgement(
  context: Context,
  { problem, growth }: { problem: string | undefined; growth: string },
): Judgement {
  if (problem) return no('Autoscaling', 'NoAutoscaler', `the fleet stays as it is. ${problem}`)
  const { conditions = [], desiredReplicas } = observedAutoscaler(context)?.status ?? {}
  const active = conditions.find(({ type }) => type === 'ScalingActive')
  const limited = conditions.find(({ type }) => type === 'ScalingLimited')
  if (active?.status === 'False') {
    const { source } = context.spec.jvb.autoscaling.metric
    return no(
      'Autoscaling',
      active.reason ?? 'NoMetric',
      `the autoscaler has no figures, and the fleet stays as it is: install ${components[source]}. It says: ${active.message}`,
    )
  }
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas') {
    return no(
      'Autoscaling',
      'AtMaximum',
      'more bridges are needed than spec.jvb.strategy.maxReplicas allows: raise it',
    )
  }
  if (desiredReplicas === undefined) {
    return maybe('Autoscaling', 'NotYet', 'the autoscaler has not decided yet')
  }
  const held = limited?.status === 'True' && limited.reason === 'TooFewReplicas'
  const least = held ? ', for that is the minimum now' : ''
  return yes(
    'Autoscaling',
    'Follows',
    `the autoscaler wants ${desiredReplicas} bridges${least}; it asks for more ${growth}`,
  )
}
