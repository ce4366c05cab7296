import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { isRecord } from '../kube/record.ts'
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
  const timeouts = keepsTimeouts(context, name) ? { timeouts: { request: '0s' } } : {}
  const rule = (path: { type: string; value: string }, service: string, port: number) => ({
    matches: [{ path }],
    ...timeouts,
    backendRefs: [{ group: '', kind: 'Service', name: service, port, weight: 1 }],
  })
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

/**
 * The standard channel of the Gateway API has timeouts from 1.2 on. An API server with an older one
 * drops them from a route, and would be asked to write them at every call.
 */
function keepsTimeouts({ observed }: Context, name: string): boolean {
  const route = observed.all.find(
    ({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === name,
  )
  const rules = isRecord(route?.spec) ? route.spec.rules : undefined
  return !Array.isArray(rules) || rules.some(rule => isRecord(rule) && 'timeouts' in rule)
}
