import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import { planPool, recorderReason } from './pool.ts'
import { recordersOf } from './recorder.ts'
import { recorderRevision } from './template.ts'

/** That a recorder comes or goes, as the log and the metrics have it. */
export interface RecorderDecision {
  reason: keyof typeof recorderReason
  message: string
  /** Name of the Pod. */
  object: string
}

/**
 * Which recorders come and go with these objects of the plan, and why. One that the pool lets go may
 * be held all the same, as while a reference is missing.
 */
export function recorderDecisions(
  context: Context,
  objects: readonly KubeObject[],
): RecorderDecision[] {
  const recorders = recordersOf(context)
  if (!context.spec.jibri.enabled && recorders.length === 0) return []
  const { desired, removed } = planPool(context.spec.jibri, recorders, recorderRevision(context))
  const observed = new Set(recorders.map(({ name }) => name))
  const answered = new Set(objects.filter(isRecorder).map(({ metadata }) => metadata.name))
  return [
    ...[...removed]
      .filter(([name]) => !answered.has(name))
      .map(([object, departure]) => ({ ...departure, object })),
    ...[...answered]
      .filter(name => !observed.has(name))
      .map(object => ({
        reason: recorderReason.RecorderNeeded,
        message: `${desired} recorders are wanted`,
        object,
      })),
  ]
}

const isRecorder = ({ kind, metadata }: KubeObject) =>
  kind === 'Pod' && metadata.labels?.['app.kubernetes.io/component'] === 'jibri'
