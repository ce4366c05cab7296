import t from 'tap'
import type { PortStatus } from '../../src/api/jitsi-status.ts'
import { portsStatus } from '../../src/core/firewall.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { context, object } from '../support/fixtures.ts'

/* What the firewall must let in beside bridges; those are in status.test.ts. */

const coturn = (fields: object) => ({
  coturn: { enabled: true, host: 'turn.example.org', tls: { name: 'tls' }, ...fields },
})
const service = (fields: Record<string, unknown>) => object('Service', 'meet-coturn', fields)
const sip = {
  uri: 'a@sip.example.org',
  server: 'sip.example.org',
  password: { name: 's', key: 'k' },
}

const cases: {
  name: string
  spec: object
  children?: KubeObject[]
  want: [PortStatus['protocol'], number, number, string][]
}[] = [
  { name: 'nothing for what is off', spec: {}, want: [] },
  {
    name: 'a TURN server behind a load balancer that has no address yet',
    spec: coturn({}),
    want: [
      ['TCP', 3478, 3478, 'the load balancer (turn.example.org)'],
      ['TCP', 443, 443, 'the load balancer (turn.example.org)'],
    ],
  },
  {
    name: 'its address, which the name has to lead to',
    spec: coturn({ tls: undefined }),
    children: [service({ status: { loadBalancer: { ingress: [{ ip: '198.51.100.10' }] } } })],
    want: [['TCP', 3478, 3478, '198.51.100.10 (turn.example.org)']],
  },
  {
    name: 'the node ports that Kubernetes chose, which are none of a bridge',
    spec: { ...coturn({ exposure: { type: 'NodePort' } }) },
    children: [
      service({ spec: { type: 'NodePort', ports: [{ nodePort: 31_000, protocol: 'TCP' }] } }),
    ],
    want: [['TCP', 31_000, 31_000, 'nodes']],
  },
  {
    name: 'UDP too, on the network of a node',
    spec: coturn({ exposure: { type: 'HostNetwork' }, tls: undefined }),
    want: [
      ['UDP', 3478, 3478, 'the node of coturn (turn.example.org)'],
      ['TCP', 3478, 3478, 'the node of coturn (turn.example.org)'],
    ],
  },
  {
    name: 'the address of a load balancer alone, where no name leads to it',
    spec: { coturn: { enabled: true } },
    children: [service({ status: { loadBalancer: { ingress: [{ ip: '198.51.100.10' }] } } })],
    want: [['TCP', 3478, 3478, '198.51.100.10']],
  },
  {
    name: 'nodes of a TURN server that are not known',
    spec: { coturn: { enabled: true, exposure: { type: 'HostNetwork' } } },
    want: [
      ['UDP', 3478, 3478, 'the node of coturn'],
      ['TCP', 3478, 3478, 'the node of coturn'],
    ],
  },
  {
    name: 'somebody else’s way in is theirs to open',
    spec: coturn({ exposure: { type: 'ClusterIP' } }),
    want: [],
  },
  {
    name: 'a telephone gateway that only calls out',
    spec: { jigasi: { enabled: true, sip } },
    want: [],
  },
  {
    name: 'one on the network of its node',
    spec: { jigasi: { enabled: true, sip, hostNetwork: true } },
    want: [['UDP', 20_000, 20_050, 'the node of jigasi']],
  },
]

for (const { name, spec, children = [], want } of cases) {
  for (const type of ['None', 'NodePort']) {
    t.test(`${name}, with bridges of exposure ${type}`, async t => {
      const asked = { ...spec, jvb: { exposure: { type } } }
      const ports = portsStatus(context({ spec: asked, children }), [])
      t.strictSame(
        ports.map(({ protocol, from, to, target }) => [protocol, from, to, target]),
        want,
      )
    })
  }
}
