import { objectLabels } from '../kube/labels.ts'
import { childName, podPattern } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { failedShare, fewestEndpoints } from './jvb/ice.ts'

interface Alert {
  alert: string
  expr: string
  /** How long it must hold. */
  for: string
  severity: 'critical' | 'warning'
  summary: string
}

/** Expressions that select one component's figures; Pods are named after the Jitsi. */
const selectors = ({ namespace, instance }: Context) => {
  const of = (component: string) =>
    `{namespace="${namespace}",pod=~"${podPattern(instance, component)}"}`
  return { jvb: of('jvb'), jicofo: of('jicofo') }
}

/** What somebody should get up for, and what can wait until morning. */
function alerts(context: Context): Alert[] {
  return [
    ...signallingAlerts(context),
    ...bridgeAlerts(context),
    ...recorderAlerts(context),
    ...certificateAlerts(context),
  ]
}

function signallingAlerts(context: Context): Alert[] {
  const { jicofo } = selectors(context)
  return [
    {
      alert: 'JitsiNoOperationalBridge',
      expr: `max(jitsi_jicofo_bridge_selector_bridge_count_operational${jicofo}) == 0`,
      for: '2m',
      severity: 'critical',
      summary: 'Jicofo has no bridge to place a meeting on.',
    },
    {
      alert: 'JitsiJicofoSilent',
      expr: `absent(jitsi_jicofo_conferences${jicofo})`,
      for: '5m',
      severity: 'critical',
      summary: 'Jicofo gives no figures: no meeting can begin.',
    },
  ]
}

function bridgeAlerts(context: Context): Alert[] {
  const { jvb } = selectors(context)
  const tried = `increase(jitsi_jvb_endpoints_total${jvb}[30m])`
  return [
    {
      alert: 'JitsiNoServingBridge',
      expr: `absent(jitsi_jvb_mucs_joined${jvb} > 0 unless jitsi_jvb_drain_mode${jvb} == 1)`,
      for: '2m',
      severity: 'critical',
      summary: 'No bridge serves: each is gone, draining, or without prosody. See status.bridges.',
    },
    {
      alert: 'JitsiBridgesFull',
      expr: `avg(jitsi_jvb_stress${jvb}) > 0.8`,
      for: '5m',
      severity: 'warning',
      summary: 'Bridges are nearly full: raise spec.jvb.strategy.maxReplicas or replicas.',
    },
    ...atMaximum(context),
    {
      alert: 'JitsiMediaUnreachable',
      expr: `increase(jitsi_jvb_endpoints_ice_failed_total${jvb}[30m]) > ${failedShare} * ${tried} and ${tried} >= ${fewestEndpoints}`,
      for: '5m',
      severity: 'critical',
      summary: 'Clients do not reach a bridge: see the condition MediaReachable.',
    },
  ]
}

/** A fixed number of bridges has no maximum to be at. */
function atMaximum(context: Context): Alert[] {
  const { strategy } = context.spec.jvb
  if (strategy.type !== 'autoscaled') return []
  const { jvb } = selectors(context)
  return [
    {
      alert: 'JitsiBridgesAtMaximum',
      expr: `count(jitsi_jvb_drain_mode${jvb} == 0) >= ${strategy.maxReplicas}`,
      for: '15m',
      severity: 'warning',
      summary: 'As many bridges serve as may: more load finds no further one.',
    },
  ]
}

function recorderAlerts(context: Context): Alert[] {
  if (!context.spec.jibri.enabled) return []
  const { jicofo } = selectors(context)
  return [
    {
      alert: 'JitsiNoFreeRecorder',
      expr: `max(jitsi_jicofo_jibri_instances_available${jicofo}) == 0`,
      for: '10m',
      severity: 'warning',
      summary: 'No recorder is free: raise spec.jibri.replicas or spec.jibri.minIdle.',
    },
  ]
}

/** Certificates that browsers and clients see; cert-manager, which makes them, tells their end. */
function certificateAlerts({ namespace, spec }: Context): Alert[] {
  const { ingress, coturn, domain } = spec
  const names = [
    ...(ingress.enabled && ingress.tls ? [ingress.tlsSecretName ?? `${domain}-tls`] : []),
    ...(coturn.enabled && coturn.tls ? [coturn.tls.name] : []),
  ]
  if (names.length === 0) return []
  const wanted = names.map(name => name.replaceAll('.', '\\\\.')).join('|')
  // Prometheus renames a label that its target has too.
  const expiry = ['exported_namespace', 'namespace'].map(
    label =>
      `certmanager_certificate_expiration_timestamp_seconds{${label}="${namespace}",name=~"${wanted}"}`,
  )
  return [
    {
      alert: 'JitsiCertificateExpiring',
      expr: `min by (name) (${expiry.join(' or ')}) - time() < 14 * 86400`,
      for: '1h',
      severity: 'warning',
      summary: 'A certificate ends within two weeks: see its CertificateRequests.',
    },
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
