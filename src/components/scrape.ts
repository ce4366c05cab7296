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
