import type { PodSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import { selectorLabels } from '../../src/kube/labels.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { fullSpec, renderedFull } from './full-jitsi.ts'
import { passes, type Source, type Target } from './traffic.ts'

/*
 * Reasoning over the policies of a Jitsi with everything: for every Pod and every port of it who
 * gets through, out of everybody that there is. What is not written here is refused.
 */

const pod = (component: string): Source => ({
  namespace: 'school',
  labels: selectorLabels('meet', component),
})

const inside = [
  'prosody',
  'visitors',
  'jicofo',
  'web',
  'jvb',
  'jibri',
  'jigasi',
  'transcriber',
  'coturn',
  'etherpad',
  'whiteboard',
]

const sources: Record<string, Source> = {
  ...Object.fromEntries(inside.map(component => [component, pod(component)])),
  client: { address: '203.0.113.9' },
  operator: { namespace: 'ops', labels: { 'app.kubernetes.io/name': 'jitsi-operator' } },
  prometheus: { namespace: 'monitoring', labels: {} },
  ingress: { namespace: 'ingress-nginx', labels: {} },
  neighbour: { namespace: 'school', labels: selectorLabels('other', 'jicofo') },
  stranger: { namespace: 'default', labels: {} },
}
const everyone = Object.keys(sources)
const figures = ['operator', 'prometheus']

/** Who has to get through, by what the port is for. */
const wanted: Record<string, readonly string[]> = {
  'prosody TCP 5222': ['jicofo', 'jvb', 'jibri', 'jigasi'],
  'prosody TCP 5269': ['visitors'],
  'prosody TCP 5280': ['web', 'ingress', 'prometheus'],
  'visitors TCP 5222': ['jicofo'],
  'visitors TCP 5269': ['prosody'],
  'visitors TCP 5280': ['web', 'prometheus'],
  'jicofo TCP 8888': figures,
  'web TCP 8000': ['ingress'],
  'jvb UDP 10000': everyone,
  'jvb TCP 8080': figures,
  'jibri TCP 2222': figures,
  // Its REST port stops calls: the kubelet's probes alone reach it.
  'jigasi TCP 8788': [],
  // Whoever gets through has speech turned into text, at your cost.
  'transcriber TCP 8080': ['jvb'],
  'coturn TCP 3478': everyone,
  'coturn TCP 5349': everyone,
  'etherpad TCP 9001': ['web'],
  'whiteboard TCP 80': ['web'],
  // Ranges, of which Pods name no port.
  'jigasi UDP 20000': everyone,
  'jigasi UDP 20050': everyone,
  'coturn UDP 49152': everyone,
  'coturn UDP 65535': everyone,
}

const objects = renderedFull(fullSpec)

const podSpec = (object: KubeObject): PodSpec | undefined =>
  object.kind === 'Pod' ? (object as Pod).spec : (object as Deployment).spec?.template.spec

const componentOf = ({ metadata }: KubeObject) =>
  metadata.labels?.['app.kubernetes.io/component'] ?? ''

const withPods = objects.filter(({ kind }) => ['Pod', 'Deployment'].includes(kind))

/** Every port that a container names, as `component protocol port`. */
const named = withPods.flatMap(object =>
  (podSpec(object)?.containers ?? [])
    .flatMap(({ ports = [] }) => ports)
    .map(({ protocol, containerPort }) => `${componentOf(object)} ${protocol} ${containerPort}`),
)

function target(flow: string): Target {
  const [component = '', protocol, port] = flow.split(' ')
  return {
    labels: selectorLabels('meet', component),
    protocol: protocol as Target['protocol'],
    port: Number(port),
  }
}

const through = (flow: string) =>
  everyone.filter(name => passes(objects, sources[name] as Source, target(flow)))

t.test('the test knows every component, and every port that is named', async t => {
  t.strictSame([...new Set(withPods.map(componentOf))].sort(), [...inside].sort())
  t.strictSame(
    named.filter(flow => !(flow in wanted)),
    [],
  )
})

for (const [flow, from] of Object.entries(wanted)) {
  t.test(`${flow} is open to ${from.length === 0 ? 'nobody' : from.join(', ')}`, async t => {
    t.strictSame(through(flow).sort(), [...from].sort())
  })
}

t.test('every other port of every Pod is closed to everybody', async t => {
  const candidates = [
    22, 80, 443, 2222, 3333, 3478, 5222, 5269, 5280, 8000, 8080, 8788, 8888, 10_000,
  ]
  const flows = inside.flatMap(component =>
    (['TCP', 'UDP'] as const).flatMap(protocol =>
      [...candidates, 19_999, 20_051, 49_151].map(port => `${component} ${protocol} ${port}`),
    ),
  )
  const open = flows
    .filter(flow => !(flow in wanted))
    // The ranges of jigasi and coturn, whose ends are in the table above.
    .filter(flow => !/^(jigasi UDP 200[0-4]\d|coturn UDP (49[2-9]|5|6))/.test(flow))
    .filter(flow => through(flow).length > 0)
  t.strictSame(open, [])
})

t.test('a part that is switched off takes its flows along', async t => {
  const lean = renderedFull({ domain: 'meet.example.org' })
  const allowed = ['jibri', 'jigasi', 'transcriber', 'visitors'].filter(name =>
    passes(lean, sources[name] as Source, target('prosody TCP 5222')),
  )
  t.strictSame(allowed, [])
})
