import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import { daemonsetSize } from './topology.ts'

/**
 * How many bridges should serve. For an autoscaled fleet the count comes from the scale field, but
 * is never outside the limits, and never below what the autoscaler says it wants: a manifest that
 * is applied again resets the field, and three bridges would drain at nine in the morning.
 */
export function desiredBridges(context: Context): number {
  const { type, replicas, minReplicas, maxReplicas } = context.spec.jvb.strategy
  if (type === 'daemonset') return daemonsetSize(context)
  if (type === 'static') return replicas
  const wanted = Math.max(replicas, autoscalerWants(context))
  return Math.min(Math.max(wanted, minReplicas), Math.max(minReplicas, maxReplicas))
}

function autoscalerWants({ observed }: Context): number {
  const autoscaler = observed.all.find(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const { desiredReplicas = 0 } = (autoscaler as Autoscaler | undefined)?.status ?? {}
  return desiredReplicas
}

type Autoscaler = KubeObject & { status?: { desiredReplicas?: number } }
