import { type Judgement, no, yes } from '../../kube/conditions.ts'
import type { Context } from '../context.ts'
import { desiredRecorders } from './pool.ts'
import { recordersOf } from './recorder.ts'

/** Can somebody start a recording now? Said only where recording is on. */
export function recorderJudgements(context: Context): Judgement[] {
  const { jibri } = context.spec
  if (!jibri.enabled) return []
  const recorders = recordersOf(context)
  const count = (state: string) => recorders.filter(recorder => recorder.state === state).length
  const idle = count('Idle')
  if (idle > 0) {
    const message = `${idle} of ${recorders.length} recorders are free`
    return [yes('RecordersAvailable', 'RecordersFree', message)]
  }
  if (count('Busy') === 0) {
    const message = `none of ${desiredRecorders(jibri, recorders)} recorders answers yet: see kubectl describe pod -l app.kubernetes.io/component=jibri`
    return [no('RecordersAvailable', 'NoRecorder', message)]
  }
  const message = `all ${recorders.length} recorders are busy: raise spec.jibri.replicas, or spec.jibri.minIdle and maxReplicas`
  return [no('RecordersAvailable', 'AllBusy', message)]
}
