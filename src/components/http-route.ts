import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

const gatewayApi = 'gateway.networking.k8s.io'

/**
 * The route from somebody's Gateway to web, when asked for and where the controller was set up with
 * that kind. Gateways leave WebSockets alone, so there is no timeout to raise.
 */
export function httpRoute({ instance, namespace, spec, childKinds }: Context): KubeObject[] {
  const { enabled, parentRefs, annotations } = spec.gateway
  if (!enabled || !childKinds.has('httproutes')) return []
  const name = childName(instance, 'web')
  return [
    {
      apiVersion: `${gatewayApi}/v1`,
      kind: 'HTTPRoute',
      metadata: {
        name,
        namespace,
        labels: objectLabels(instance, 'web'),
        ...(annotations ? { annotations } : {}),
      },
      spec: {
        parentRefs: parentRefs.map(parent => ({ group: gatewayApi, kind: 'Gateway', ...parent })),
        hostnames: [spec.domain],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: [{ group: '', kind: 'Service', name, port: 80, weight: 1 }],
          },
        ],
      },
    },
  ]
}
