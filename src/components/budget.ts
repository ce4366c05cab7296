import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

/**
 * A PodDisruptionBudget for one component. `minAvailable` is a whole number, since a percentage
 * would be taken of the Jitsi's own scale, and Pods that are not ready may always be evicted.
 */
export function budget(context: Context, component: string, minAvailable: number): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: childName(instance, component),
      namespace,
      labels: objectLabels(instance, component),
    },
    spec: {
      minAvailable,
      selector: { matchLabels: selectorLabels(instance, component) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }
}
