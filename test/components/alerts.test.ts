import t from 'tap'
import { prometheusRule } from '../../src/components/alerts.ts'
import { context } from '../support/fixtures.ts'
import { servedMetrics } from './served-metrics.ts'

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
    t.ok(names.length > 0 && names.every(name => servedMetrics.has(name)), alert)
  }
})

t.test('certificates are those of the page and of the TURN server', async t => {
  const expr = (spec: object) =>
    groupsOf(spec)
      .groups.flatMap(group => group.rules)
      .find(({ alert }) => alert === 'JitsiCertificateExpiring')?.expr
  t.equal(expr({}), undefined, 'no Ingress, no certificate')
  t.equal(expr({ ingress: { enabled: true, tls: false } }), undefined, 'TLS ends elsewhere')
  t.match(expr({ ingress: { enabled: true } }), 'name=~"meet\\\\.example\\\\.org-tls"')
  const turn = { enabled: true, host: 'turn.example.org', tls: { name: 'turn-tls' } }
  t.match(expr({ ingress: { enabled: true, tlsSecretName: 'a' }, coturn: turn }), 'a|turn-tls')
})

t.test('alerts follow what the Jitsi has', async t => {
  const names = (spec: object) =>
    groupsOf(spec).groups.flatMap(group => group.rules.map(({ alert }) => alert))
  t.notOk(names({}).includes('JitsiBridgesAtMaximum'), 'a fixed number has no maximum')
  t.notOk(names({}).includes('JitsiNoFreeRecorder'), 'no recorders')
  t.match(rules.find(({ alert }) => alert === 'JitsiBridgesAtMaximum')?.expr, / >= 3$/)
})
