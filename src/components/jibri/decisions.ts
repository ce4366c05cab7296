import { componentOf } from '../../kube/names.ts'
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
 * Which recorders come and go with these objects of the plan, and why. One that the pool lets go
 * may be held all the same, as while a reference is missing.
 */
export function recorderDecisions(
  context: Context,
  objects: readonly KubeObject[],
): RecorderDecision[] {
  const recorders = recordersOf(context)
  const observed = new Set(recorders.map(({ name }) => name))
  const answered = new Set(objects.filter(isRecorder).map(({ metadata }) => metadata.name))
  const come = [...answered].filter(name => !observed.has(name))
  const gone = [...observed].filter(name => !answered.has(name))
  // At rest, as nearly always, nothing is planned a second time.
  if (come.length === 0 && gone.length === 0) return []
  const { desired, removed } = planPool(context.spec.jibri, recorders, recorderRevision(context))
  return [
    ...[...removed]
      .filter(([name]) => !answered.has(name))
      .map(([object, departure]) => ({ ...departure, object })),
    ...come.map(object => ({
      reason: recorderReason.RecorderNeeded,
      message: `${desired} recorders are wanted`,
      object,
    })),
  ]
}

const isRecorder = (object: KubeObject) => object.kind === 'Pod' && componentOf(object) === 'jibri'
