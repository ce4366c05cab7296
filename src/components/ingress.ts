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
        annotations: { ...longConnections, ...annotations },
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

/** ingress-nginx and HAProxy cut idle connections after a minute; Traefik and Gateways do not. */
const longConnections = {
  'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
  'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
  'haproxy.org/timeout-tunnel': '1h',
}
