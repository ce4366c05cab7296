import t from 'tap'
import { selectorLabels } from '../../src/kube/labels.ts'
import { rendered } from './rendered.ts'
import { passes, type Source } from './traffic.ts'

/*
 * Reasoning over the whole set as it is rendered: every flow that a meeting, its operation or its
 * observation needs passes, and every other pair of source and port is refused.
 */

const pod = (component: string): Source => ({
  namespace: 'school',
  labels: selectorLabels('meet', component),
})

const sources: Record<string, Source> = {
  client: { address: '203.0.113.9' },
  node: { address: '192.168.10.7' },
  web: pod('web'),
  jvb: pod('jvb'),
  jicofo: pod('jicofo'),
  prosody: pod('prosody'),
  operator: { namespace: 'ops', labels: { 'app.kubernetes.io/name': 'jitsi-operator' } },
  neighbour: { namespace: 'ops', labels: { 'app.kubernetes.io/name': 'something-else' } },
  prometheus: { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } },
  'ingress controller': { namespace: 'ingress-nginx', labels: {} },
  'another Jitsi’s jvb': { namespace: 'school', labels: selectorLabels('other', 'jvb') },
  stranger: { namespace: 'default', labels: {} },
}

const ports: [component: string, port: number, protocol: 'TCP' | 'UDP'][] = [
  ['jvb', 10_000, 'UDP'],
  ['jvb', 8080, 'TCP'],
  ['jicofo', 8888, 'TCP'],
  ['prosody', 5222, 'TCP'],
  ['prosody', 5269, 'TCP'],
  ['prosody', 5280, 'TCP'],
  ['web', 8000, 'TCP'],
  ['web', 22, 'TCP'],
]

const everyone = Object.keys(sources)

/** Names of the sources that get through, by `component:port`. */
function allowed(spec: object): Record<string, string[]> {
  const objects = rendered(spec)
  return Object.fromEntries(
    ports.map(([component, port, protocol]) => [
      `${component}:${port}`,
      everyone.filter(name =>
        passes(objects, sources[name] as Source, {
          labels: selectorLabels('meet', component),
          port,
          protocol,
        }),
      ),
    ]),
  )
}

const strictest = {
  'jvb:10000': everyone,
  'jvb:8080': ['operator'],
  'jicofo:8888': ['operator'],
  'prosody:5222': ['jvb', 'jicofo'],
  'prosody:5269': [],
  'prosody:5280': ['web'],
  'web:8000': everyone,
  'web:22': [],
}

const cases = [
  {
    name: 'by default media and web are public, and the rest is among ourselves',
    spec: {},
    want: {},
  },
  {
    name: 'Prometheus reads figures once they are asked for',
    spec: { metrics: true },
    want: {
      'jvb:8080': ['operator', 'prometheus'],
      'jicofo:8888': ['operator', 'prometheus'],
      'prosody:5280': ['web', 'prometheus'],
    },
  },
  {
    name: 'Prometheus may live elsewhere',
    spec: { metrics: true, networkPolicy: { prometheusNamespace: 'default' } },
    want: {
      'jvb:8080': ['operator', 'stranger'],
      'jicofo:8888': ['operator', 'stranger'],
      'prosody:5280': ['web', 'stranger'],
    },
  },
  {
    name: 'a named ingress controller is the only way to web, and may go straight to prosody',
    spec: { networkPolicy: { ingressNamespace: 'ingress-nginx' } },
    want: {
      'prosody:5280': ['web', 'ingress controller'],
      'web:8000': ['ingress controller'],
    },
  },
  {
    name: 'whoever forwards for browsers reaches prosody where the way is direct',
    spec: { web: { signalling: 'direct' } },
    want: { 'prosody:5280': everyone },
  },
  {
    name: 'a named ingress controller alone does, then',
    spec: {
      web: { signalling: 'direct' },
      networkPolicy: { ingressNamespace: 'ingress-nginx' },
    },
    want: { 'prosody:5280': ['web', 'ingress controller'], 'web:8000': ['ingress controller'] },
  },
  {
    name: 'an operator that calls itself from elsewhere can be named',
    spec: { networkPolicy: { operatorNamespace: 'default' } },
    want: { 'jvb:8080': [], 'jicofo:8888': [] },
  },
  {
    name: 'bridges on the network of their nodes reach prosody from the nodes’ addresses',
    spec: {
      jvb: { exposure: { type: 'HostNetwork' } },
      networkPolicy: { nodeCIDRs: ['192.168.10.0/24'] },
    },
    want: { 'prosody:5222': ['node', 'jvb', 'jicofo'] },
  },
  {
    name: 'where nobody says which addresses nodes have, such bridges must come in all the same',
    spec: { jvb: { exposure: { type: 'HostNetwork' } } },
    want: { 'prosody:5222': everyone },
  },
]

for (const { name, spec, want } of cases) {
  t.test(name, async t => {
    t.strictSame(allowed(spec), { ...strictest, ...want })
  })
}

t.test('leaves no policy behind when switched off', async t => {
  const kinds = rendered({ networkPolicy: { enabled: false } }).map(({ kind }) => kind)
  t.notOk(kinds.includes('NetworkPolicy'))
})

t.test('says nothing of outgoing traffic', async t => {
  const policies = rendered().filter(({ kind }) => kind === 'NetworkPolicy')
  t.equal(policies.length, 4)
  for (const { metadata, spec } of policies) {
    t.strictSame((spec as { policyTypes: string[] }).policyTypes, ['Ingress'], metadata.name)
  }
})
