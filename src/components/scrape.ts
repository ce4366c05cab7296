import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

/**
 * What makes a Prometheus without PodMonitors read the figures behind a Service. On Services, since
 * on Pods they would be a change of Pods, and bridges would be replaced for it.
 */
export function scrapeAnnotations(
  { spec, childKinds }: Context,
  port: number,
): { annotations?: Record<string, string> } {
  if (!spec.metrics || childKinds.has('podmonitors')) return {}
  return {
    annotations: {
      'prometheus.io/path': '/metrics',
      'prometheus.io/port': String(port),
      'prometheus.io/scrape': 'true',
    },
  }
}

/** A Service for nobody but such a Prometheus, where a component has none otherwise. */
export function figuresService(
  context: Context,
  component: string,
  { name, port }: { name: string; port: number },
): KubeObject[] {
  const { instance, namespace } = context
  const scrape = scrapeAnnotations(context, port)
  if (!scrape.annotations) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: childName(instance, component),
        namespace,
        labels: objectLabels(instance, component),
        ...scrape,
      },
      spec: {
        clusterIP: 'None',
        selector: selectorLabels(instance, component),
        ports: [{ name, port, protocol: 'TCP', targetPort: name }],
      },
    },
  ]
}
