import t from 'tap'
import { prometheusRule } from '../../src/components/alerts.ts'
import { context } from '../support/fixtures.ts'

/*
 * Names that the components really serve. jicofo: ConferenceMetrics.kt, BridgeSelector.kt and
 * JibriDetectorMetrics.kt, below `jitsi_jicofo`. The bridge: VideobridgeMetricsContainer's users,
 * below `jitsi_jvb`. A counter gets `_total` from jicoco's MetricsContainer.
 */
const served = new Set([
  'jitsi_jicofo_bridge_selector_bridge_count_operational',
  'jitsi_jicofo_conferences',
  'jitsi_jicofo_jibri_instances_available',
  'jitsi_jvb_drain_mode',
  'jitsi_jvb_endpoints_ice_failed_total',
  'jitsi_jvb_endpoints_total',
  'jitsi_jvb_mucs_joined',
  'jitsi_jvb_stress',
])

const kinds = ['prometheusrules']

interface Rule {
  alert: string
  expr: string
  for: string
  labels: Record<string, string>
}

interface Groups {
  groups: { name: string; rules: Rule[] }[]
}

const groupsOf = (spec: object) =>
  prometheusRule(context({ spec: { metrics: true, ...spec }, kinds }))[0]?.spec as Groups

const everything = groupsOf({
  jvb: { strategy: { type: 'autoscaled', maxReplicas: 3 } },
  jibri: { enabled: true },
})
const rules = everything.groups.flatMap(group => group.rules)

t.test('alerts are made only where asked for and known', async t => {
  t.strictSame(prometheusRule(context({ kinds })), [], 'nobody asked')
  t.strictSame(prometheusRule(context({ spec: { metrics: true } })), [], 'no such kind')
})

t.test('an alert asks for figures that are served, and for nothing else', async t => {
  for (const { alert, expr } of rules) {
    const names = expr.match(/\bjitsi_\w+/g) ?? []
    t.ok(names.length > 0 && names.every(name => served.has(name)), alert)
  }
})

t.test('alerts follow what the Jitsi has', async t => {
  const names = (spec: object) =>
    groupsOf(spec).groups.flatMap(group => group.rules.map(({ alert }) => alert))
  t.notOk(names({}).includes('JitsiBridgesAtMaximum'), 'a fixed number has no maximum')
  t.notOk(names({}).includes('JitsiNoFreeRecorder'), 'no recorders')
  t.match(rules.find(({ alert }) => alert === 'JitsiBridgesAtMaximum')?.expr, / >= 3$/)
})
