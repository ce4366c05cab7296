import { annotation } from '../../kube/annotations.ts'
import { doNotDisrupt, eviction } from '../../kube/eviction.ts'
import { hold, planAnnotations } from '../../kube/hold.ts'
import { objectLabels } from '../../kube/labels.ts'
import { childName } from '../../kube/names.ts'
import type { KubeObject } from '../../kube/types.ts'
import { budget } from '../budget.ts'
import { claim } from '../claims.ts'
import type { Context } from '../context.ts'
import { figuresService } from '../scrape.ts'
import { planPool } from './pool.ts'
import { mayRecord, type Recorder, recordersOf } from './recorder.ts'
import { jibriPort } from './scripts.ts'
import { recorderRevision, recorderScripts, recorderTemplate } from './template.ts'

/**
 * The recorders: bare Pods of the Jitsi, for whoever made them from a Deployment would see it stop
 * the one that records. What they need stays as long as one of them is there.
 */
export function jibri(context: Context): KubeObject[] {
  const { jibri } = context.spec
  const recorders = recordersOf(context)
  const kept = claim(context, 'jibri', jibri.persistence)
  if (!jibri.enabled && recorders.length === 0) return kept
  const revision = recorderRevision(context)
  const pool = planPool(jibri, recorders, revision)
  const highest = Math.max(-1, ...recorders.map(({ index }) => index))
  return [
    ...kept,
    ...scripts(context),
    ...figuresService(context, 'jibri', { name: 'private', port: jibriPort }),
    budget(context, 'jibri', recorders.filter(mayRecord).length),
    ...recorders.filter(({ name }) => !pool.removed.has(name)).map(keptPod),
    ...Array.from({ length: pool.created }, (_, offset) =>
      newPod(context, highest + 1 + offset, revision),
    ),
  ]
}

function scripts(context: Context): KubeObject[] {
  const { instance, namespace } = context
  const data = recorderScripts(context)
  if (Object.keys(data).length === 0) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: childName(instance, 'jibri'),
        namespace,
        labels: objectLabels(instance, 'jibri'),
      },
      data,
    },
  ]
}

function newPod(context: Context, index: number, revision: string): KubeObject {
  const { metadata, spec } = recorderTemplate(context)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: childName(context.instance, `jibri-${index}`),
      namespace: context.namespace,
      labels: { ...metadata?.labels },
      annotations: {
        ...metadata?.annotations,
        [annotation.revision]: revision,
        ...eviction(true),
      },
    },
    spec,
  }
}

/** A Pod that stays, with what node autoscalers may do with it. */
function keptPod(recorder: Recorder): KubeObject {
  const held = hold(recorder.pod)
  if (recorder.state === 'Terminating') return held
  const { [doNotDisrupt]: _, ...annotations } = planAnnotations(recorder.pod)
  return {
    ...held,
    metadata: {
      ...held.metadata,
      annotations: { ...annotations, ...eviction(mayRecord(recorder)) },
    },
  }
}
