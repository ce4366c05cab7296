import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { directPaths } from './signalling-paths.ts'

const gatewayApi = 'gateway.networking.k8s.io'

/**
 * The route from somebody's Gateway to web, when asked for and where the controller was set up with
 * that kind. No timeout: those built on Envoy end every request after 15 seconds otherwise, long
 * polls and WebSockets too.
 */
export function httpRoute(context: Context): KubeObject[] {
  const { instance, namespace, spec, childKinds } = context
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
          ...directPaths(context).map(({ path, service, port }) =>
            rule({ type: 'Exact', value: path }, service, port.number),
          ),
          rule({ type: 'PathPrefix', value: '/' }, name, 80),
        ],
      },
    },
  ]
}

const rule = (path: { type: string; value: string }, name: string, port: number) => ({
  matches: [{ path }],
  timeouts: { request: '0s' },
  backendRefs: [{ group: '', kind: 'Service', name, port, weight: 1 }],
})
