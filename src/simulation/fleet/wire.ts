import type { ObjectMap } from '../../api/metacontroller.ts'
import type { KubeObject } from '../../kube/types.ts'

/** Kinds that the controller owns, by the plural names of the wire format. */
export const childResources = [
  { apiVersion: 'v1', resource: 'pods', kind: 'Pod' },
  { apiVersion: 'v1', resource: 'services', kind: 'Service' },
  { apiVersion: 'v1', resource: 'secrets', kind: 'Secret' },
  { apiVersion: 'v1', resource: 'configmaps', kind: 'ConfigMap' },
  { apiVersion: 'v1', resource: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'apps/v1', resource: 'deployments', kind: 'Deployment' },
  { apiVersion: 'apps/v1', resource: 'statefulsets', kind: 'StatefulSet' },
  { apiVersion: 'policy/v1', resource: 'poddisruptionbudgets', kind: 'PodDisruptionBudget' },
  {
    apiVersion: 'autoscaling/v2',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
  },
  { apiVersion: 'networking.k8s.io/v1', resource: 'ingresses', kind: 'Ingress' },
  { apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies', kind: 'NetworkPolicy' },
]

/** What a request says of the controller. */
export const controller = {
  spec: {
    childResources: childResources.map(({ apiVersion, resource }) => ({ apiVersion, resource })),
  },
}

/** By kind as `Pod.v1` or `Deployment.apps/v1`, then by `namespace/name`; declared kinds always. */
export function objectMap(
  objects: readonly KubeObject[],
  declared: readonly { apiVersion: string; kind: string }[],
): ObjectMap {
  const map: ObjectMap = Object.fromEntries(declared.map(kind => [groupKey(kind), {}]))
  for (const object of objects) {
    const { namespace, name } = object.metadata
    const group = map[groupKey(object)] ?? {}
    group[namespace ? `${namespace}/${name}` : name] = object
    map[groupKey(object)] = group
  }
  return map
}

const groupKey = ({ apiVersion, kind }: { apiVersion: string; kind: string }) =>
  `${kind}.${apiVersion}`
