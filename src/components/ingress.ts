import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { directPaths } from './signalling-paths.ts'

/** The Ingress in front of web, when asked for. WebSockets stay open for as long as a meeting. */
export function ingress(context: Context): KubeObject[] {
  const { instance, namespace, spec } = context
  if (!spec.ingress.enabled) return []
  const { className, tls, tlsSecretName, annotations } = spec.ingress
  const backend = { service: { name: childName(instance, 'web'), port: { name: 'http' } } }
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: childName(instance, 'web'),
        namespace,
        labels: objectLabels(instance, 'web'),
        annotations: { ...longConnections(context), ...annotations },
      },
      spec: {
        ...(className ? { ingressClassName: className } : {}),
        ...(tls
          ? { tls: [{ hosts: [spec.domain], secretName: tlsSecretName ?? `${spec.domain}-tls` }] }
          : {}),
        rules: [
          {
            host: spec.domain,
            http: {
              paths: [
                ...directPaths(context).map(({ path, service: name, port }) => ({
                  path,
                  pathType: 'Exact',
                  backend: { service: { name, port: { name: port.name } } },
                })),
                { path: '/', pathType: 'Prefix', backend },
              ],
            },
          },
        ],
      },
    },
  ]
}

/**
 * Controllers that cut a connection on which nothing comes for a minute or less: a WebSocket that
 * is idle, or a long poll (BOSH), which prosody answers after a minute. Each reads its own
 * annotations; Traefik needs none.
 */
const longConnections = (context: Context): Record<string, string> => ({
  // ingress-nginx
  'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
  'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
  // F5 NGINX, which also has to be told of WebSockets.
  'nginx.org/proxy-read-timeout': '3600s',
  'nginx.org/proxy-send-timeout': '3600s',
  'nginx.org/websocket-services': servicesOf(context).join(','),
  // HAProxy Technologies; WebSockets have an hour there by default.
  'haproxy.org/timeout-server': '3m',
  // HAProxy Ingress
  'haproxy-ingress.github.io/timeout-server': '3m',
  'haproxy-ingress.github.io/timeout-tunnel': '1h',
})

const servicesOf = (context: Context) => [
  ...new Set([
    childName(context.instance, 'web'),
    ...directPaths(context).map(({ service }) => service),
  ]),
]
