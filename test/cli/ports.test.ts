import t from 'tap'
import { firewallRules, rulesTable } from '../../src/cli/ports.ts'

const jitsi = (spec: object, status?: object) => ({
  apiVersion: 'apps.jit.si/v1alpha1',
  kind: 'Jitsi',
  metadata: { name: 'meet', namespace: 'school' },
  spec: { domain: 'meet.example.org', ...spec },
  ...(status ? { status } : {}),
})

const cases = [
  {
    name: 'a Jitsi as it was written: the range of its spec',
    document: jitsi({ jvb: { ports: { udp: 20000, count: 4 } } }),
    want: 'JITSI        PROTOCOL  PORTS        TO\nschool/meet  UDP       20000-20003  nodes\n',
  },
  {
    name: 'a list of kubectl: what status says',
    document: {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        jitsi({}, { ports: [{ protocol: 'UDP', from: 31000, to: 31000, target: '192.0.2.7' }] }),
      ],
    },
    want: 'JITSI        PROTOCOL  PORTS  TO\nschool/meet  UDP       31000  192.0.2.7\n',
  },
  {
    name: 'bridges behind TURN only: nothing to open',
    document: jitsi({ jvb: { exposure: { type: 'None' } } }),
    want: 'JITSI  PROTOCOL  PORTS  TO\n',
  },
]

for (const { name, document, want } of cases) {
  t.test(name, async t => {
    const folder = t.testdir({ 'jitsi.json': JSON.stringify(document) })
    t.equal(rulesTable(await firewallRules(`${folder}/jitsi.json`)), want)
  })
}

t.test('a file without a Jitsi is a mistake, not an empty table', async t => {
  const folder = t.testdir({ 'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n' })
  await t.rejects(firewallRules(`${folder}/pod.yaml`), { message: /no object of apiVersion/ })
})

t.test('a spec that the plan would not act on has no ports', async t => {
  const mistaken = { jvb: { ports: { udp: '20000' } } }
  const folder = t.testdir({
    'spec.json': JSON.stringify(jitsi(mistaken)),
    'status.json': JSON.stringify(
      jitsi(mistaken, { ports: [{ protocol: 'UDP', from: 10000, to: 10009, target: 'nodes' }] }),
    ),
  })
  await t.rejects(firewallRules(`${folder}/spec.json`), {
    message: 'meet: WrongShape: spec.jvb.ports.udp: Expected integer, got "20000"',
  })
  t.match(await firewallRules(`${folder}/status.json`), [{ from: 10000 }], 'what is open now')
})

t.test('nor has one that an API server would refuse, by all rules that it breaks', async t => {
  const mistaken = { jvb: { ports: { udp: 65_530 }, exposure: { perBridge: true } } }
  const folder = t.testdir({ 'jitsi.json': JSON.stringify(jitsi(mistaken)) })
  await t.rejects(firewallRules(`${folder}/jitsi.json`), {
    message: /^meet: .*reaches beyond port 65535.*\nmeet: .*perBridge needs/,
  })
})
