import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

const targets = [
  { component: 'jvb', port: 'private' },
  { component: 'jicofo', port: 'rest' },
  { component: 'prosody', port: 'http' },
  { component: 'jibri', port: 'private' },
  { component: 'visitors', port: 'http' },
] as const

/**
 * PodMonitors for components that serve Prometheus figures themselves. Only where the controller
 * was set up with that kind: one undeclared kind is created and never looked after.
 */
export function monitors({ instance, namespace, spec, childKinds }: Context): KubeObject[] {
  if (!spec.metrics || !childKinds.has('podmonitors')) return []
  return targets
    .filter(({ component }) => {
      const part = spec[component]
      return !('enabled' in part) || part.enabled
    })
    .map(({ component, port }) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: {
        name: childName(instance, component),
        namespace,
        labels: objectLabels(instance, component),
      },
      spec: {
        selector: { matchLabels: selectorLabels(instance, component) },
        podMetricsEndpoints: [{ port, path: '/metrics', interval: '30s' }],
      },
    }))
}
