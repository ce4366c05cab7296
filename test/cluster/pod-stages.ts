import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kwokStages } from './tools/install.ts'

/** Label of a Pod whose containers end in their own time; whoever plays them takes it away then. */
export const endsByItself = 'example.test/ends-by-itself'

const files = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
]

/**
 * kwok's own fast stages, as YAML: a bound Pod runs at once, init containers count as done, and a
 * deleted Pod is gone at once unless its label says otherwise. Pods that were called not ready while
 * their node was silent are ready as soon as it is back.
 */
export async function podStages(): Promise<string> {
  const folder = await kwokStages()
  const texts = files.map(file => readFileSync(join(folder, file), 'utf8'))
  return [...texts, JSON.stringify(deletion), JSON.stringify(readyAgain)].join('\n---\n')
}

/** What kwok does next to Pods that all of these are true of. */
const stage = (name: string, matchExpressions: object[], next: object) => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: { matchExpressions },
    next,
  },
})

/** kwok's pod-delete, with the exception. */
const deletion = stage(
  'pod-delete',
  [
    { key: '.metadata.deletionTimestamp', operator: 'Exists' },
    { key: `.metadata.labels["${endsByItself}"]`, operator: 'DoesNotExist' },
  ],
  { delete: true },
)

const readyAgain = stage(
  'pod-ready-again',
  [
    { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
    { key: '.status.phase', operator: 'In', values: ['Running'] },
    {
      key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
      operator: 'In',
      values: ['False'],
    },
  ],
  {
    statusTemplate:
      'conditions: [{ type: Ready, status: "True", lastTransitionTime: {{ Now | Quote }} }]',
  },
)
