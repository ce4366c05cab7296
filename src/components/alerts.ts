import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

interface Alert {
  alert: string
  expr: string
  /** How long it must hold. */
  for: string
  severity: 'critical' | 'warning'
  summary: string
}

/** What somebody should get up for, and what can wait until morning. */
function alerts({ namespace, instance, spec }: Context): Alert[] {
  const of = (component: string) => `namespace="${namespace}",pod=~"${instance}-${component}-.+"`
  const jicofo = of('jicofo')
  return [
    {
      alert: 'JitsiNoOperationalBridge',
      expr: `max(jitsi_jicofo_bridge_selector_bridge_count_operational{${jicofo}}) == 0`,
      for: '2m',
      severity: 'critical',
      summary: 'Jicofo has no bridge to place a meeting on.',
    },
    {
      alert: 'JitsiJicofoSilent',
      expr: `absent(jitsi_jicofo_conferences{${jicofo}})`,
      for: '5m',
      severity: 'critical',
      summary: 'Jicofo gives no figures: no meeting can begin.',
    },
    {
      alert: 'JitsiBridgesFull',
      expr: `avg(jitsi_jvb_stress{${of('jvb')}}) > 0.8`,
      for: '5m',
      severity: 'warning',
      summary: 'Bridges are nearly full: raise spec.jvb.strategy.maxReplicas or replicas.',
    },
    ...(spec.jibri.enabled
      ? [
          {
            alert: 'JitsiNoFreeRecorder',
            expr: `max(jitsi_jicofo_jibri_instances_available{${jicofo}}) == 0`,
            for: '10m',
            severity: 'warning' as const,
            summary: 'No recorder is free: raise spec.jibri.replicas or spec.jibri.minIdle.',
          },
        ]
      : []),
  ]
}

/** A PrometheusRule, where figures are asked for and the controller was set up with that kind. */
export function prometheusRule(context: Context): KubeObject[] {
  const { instance, namespace, spec, childKinds } = context
  if (!spec.metrics || !childKinds.has('prometheusrules')) return []
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: {
        name: childName(instance, 'alerts'),
        namespace,
        labels: objectLabels(instance, 'alerts'),
      },
      spec: {
        groups: [
          {
            name: 'jitsi',
            rules: alerts(context).map(({ severity, summary, ...rule }) => ({
              ...rule,
              labels: { severity, jitsi: instance },
              annotations: { summary },
            })),
          },
        ],
      },
    },
  ]
}
