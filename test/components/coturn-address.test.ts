import t from 'tap'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import type { Deployment, KubeObject, Service } from '../../src/kube/types.ts'
import { applied, jicofoPod, settle } from '../support/cluster.ts'
import { inputs, jitsi, object, objectMap, only, request } from '../support/fixtures.ts'
import { environmentOf } from './rendered.ts'

/* Under which address prosody tells clients of our TURN server, and when it begins to. */

const pool = { pool: 'turn' }
const coturn = (fields: object = {}) => ({ coturn: { enabled: true, ...fields } })
const onNodes = (type: string) => coturn({ exposure: { type }, nodeSelector: pool })

const service = (fields: Record<string, unknown>) => object('Service', 'meet-coturn', fields)
const balanced = (...ingress: object[]) => [service({ status: { loadBalancer: { ingress } } })]

function node(name: string, addresses: Record<string, string>, more: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: pool },
    status: { addresses: Object.entries(addresses).map(([type, address]) => ({ type, address })) },
    ...more,
  }
}
const both = { ExternalIP: '203.0.113.1', InternalIP: '10.0.0.1' }
const outside = { metadata: { name: 'b', labels: { pool: 'other' } } }
const uninitialized = {
  spec: {
    taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }],
  },
}
const ports = (type: string) => [
  service({ spec: { type, ports: [{ name: 'turn', port: 3478, nodePort: 31_000 }] } }),
]

const cases: {
  name: string
  spec: object
  children?: KubeObject[]
  nodes?: KubeObject[]
  /** None: it is not known. */
  want?: { TURN_HOST: string; TURN_PORT?: string }
}[] = [
  {
    name: 'a host that the spec names, wherever that leads',
    spec: coturn({ host: 'turn.example.org' }),
    children: balanced({ ip: '198.51.100.10' }),
    want: { TURN_HOST: 'turn.example.org' },
  },
  { name: 'a load balancer that is not there yet', spec: coturn() },
  { name: 'a load balancer without an address', spec: coturn(), children: balanced() },
  {
    name: 'the address of the load balancer',
    spec: coturn(),
    children: balanced({ ip: '198.51.100.10' }),
    want: { TURN_HOST: '198.51.100.10' },
  },
  {
    name: 'its name, where that is all it has',
    spec: coturn(),
    children: balanced({ hostname: 'lb.example.net' }),
    want: { TURN_HOST: 'lb.example.net' },
  },
  {
    name: 'the IPv4 address of a load balancer of both families',
    spec: coturn(),
    children: balanced({ ip: '2001:db8::1' }, { ip: '198.51.100.10' }),
    want: { TURN_HOST: '198.51.100.10' },
  },
  {
    name: 'a load balancer of IPv6 alone',
    spec: coturn(),
    children: balanced({ ip: '2001:db8::1' }),
  },
  {
    name: 'every node that it may be on, by the address that is public',
    spec: onNodes('HostNetwork'),
    nodes: [node('b', { InternalIP: '10.0.0.2' }), node('a', both)],
    want: { TURN_HOST: '203.0.113.1,10.0.0.2' },
  },
  {
    name: 'no other node: a daemonset may show more',
    spec: { ...onNodes('HostNetwork'), jvb: { strategy: { type: 'daemonset' } } },
    nodes: [node('a', both), node('b', { ExternalIP: '203.0.113.2' }, outside)],
    want: { TURN_HOST: '203.0.113.1' },
  },
  {
    name: 'the internal address of a node that is public by IPv6 alone',
    spec: onNodes('HostNetwork'),
    nodes: [node('a', { ExternalIP: '2001:db8::1', InternalIP: '10.0.0.1' })],
    want: { TURN_HOST: '10.0.0.1' },
  },
  { name: 'nodes that have not arrived', spec: onNodes('HostNetwork') },
  {
    name: 'a node whose cloud has not said its addresses yet',
    spec: onNodes('HostNetwork'),
    nodes: [node('a', both), node('b', { InternalIP: '10.0.0.2' }, uninitialized)],
  },
  {
    name: 'nodes, at the port that Kubernetes chose',
    spec: onNodes('NodePort'),
    children: ports('NodePort'),
    nodes: [node('a', both)],
    want: { TURN_HOST: '203.0.113.1', TURN_PORT: '31000' },
  },
  {
    name: 'a Service that has no port of nodes yet',
    spec: onNodes('NodePort'),
    children: ports('LoadBalancer'),
    nodes: [node('a', both)],
  },
]

/** A Jitsi that runs with this spec, and what the cluster has beside it. */
function running(spec: object, more: { children?: KubeObject[]; related?: KubeObject[] } = {}) {
  const { request: settled } = settle(request({ jitsi: jitsi({ spec: { domain: 'a.b' } }) }))
  const others = Object.values(settled.children).flatMap(group => Object.values(group))
  const { children = [], related = [] } = more
  return {
    ...settled,
    parent: { ...settled.parent, spec: { domain: 'a.b', ...spec } },
    children: objectMap([...others, ...children]),
    related: objectMap([jicofoPod('meet'), ...related]),
  }
}

const told = (asked: SyncRequest) =>
  environmentOf(only(reconcile(asked, inputs).response.children, 'Deployment', 'meet-prosody'))

const conditionsOf = (asked: SyncRequest) =>
  reconcile(asked, inputs).response.status.conditions as {
    type: string
    status: string
    reason: string
    message: string
  }[]
const said = (asked: SyncRequest, type: string) =>
  conditionsOf(asked).find(condition => condition.type === type)

for (const { name, spec, children = [], nodes = [], want } of cases) {
  t.test(name, async t => {
    const asked = running(spec, { children, related: nodes })
    const { TURN_HOST, TURN_PORT, TURNS_HOST } = told(asked)
    t.strictSame(
      { TURN_HOST, TURN_PORT, TURNS_HOST },
      {
        TURN_HOST: undefined,
        TURNS_HOST: undefined,
        TURN_PORT: want && '3478',
        ...want,
      },
    )
    const condition = said(asked, 'TurnAddressKnown')
    if ('host' in (spec as { coturn: object }).coturn) t.notOk(condition, 'nothing to find out')
    else if (want)
      t.match(condition, { reason: 'AddressKnown', message: want.TURN_HOST.split(',')[0] })
    else t.match(condition, { status: 'False', reason: 'AddressUnknown', message: /spec\.coturn/ })
  })
}

t.test('prosody restarts for the address alone, and not for a server without one', async t => {
  const prosody = (spec: object) => {
    const { response } = reconcile(running(spec), inputs)
    return (only(response.children, 'Deployment', 'meet-prosody') as Deployment).spec?.template
  }
  t.strictSame(prosody(coturn()), prosody({}))
})

t.test('prosody learns of an address as of any change: when nobody meets', async t => {
  const known = { children: balanced({ ip: '198.51.100.10' }) }
  const busy = running(coturn(), { ...known, related: [] })
  busy.related = objectMap([jicofoPod('meet', { conferences: 2 })])
  t.notOk('TURN_HOST' in told(busy))
  t.match(said(busy, 'RestartPending'), { message: /^a change of meet-prosody waits: 2 meetings/ })
  t.match(said(busy, 'TurnAddressKnown'), { status: 'True' })
  t.equal(told(running(coturn(), known)).TURN_HOST, '198.51.100.10')
})

/** The same Jitsi, after the answer was carried out. */
function carriedOut(asked: SyncRequest, children: KubeObject[], spec?: object): SyncRequest {
  const answer = reconcile(asked, inputs).response
  const before = asked.children['Deployment.apps/v1'] ?? {}
  const there = answer.children
    .filter(({ metadata }) => metadata.name !== 'meet-coturn')
    .map(child => {
      const status = before[`school/${child.metadata.name}`]?.status
      return { ...applied(child, asked.parent), ...(status ? { status } : {}) }
    })
  const parent = spec ? { ...asked.parent, spec: { domain: 'a.b', ...spec } } : asked.parent
  return { ...asked, parent, children: objectMap([...there, ...children]) }
}

t.test('an address that is lost for a moment restarts nobody', async t => {
  const known = running(coturn(), { children: balanced({ ip: '198.51.100.10' }) })
  const lost = carriedOut(known, balanced())
  t.match(told(lost), { TURN_HOST: '198.51.100.10', TURN_PORT: '3478' })
  t.match(said(lost, 'TurnAddressKnown'), { status: 'False' })
  t.notOk(said(lost, 'RestartPending'))
  const moved = carriedOut(known, balanced({ ip: '198.51.100.20' }))
  t.equal(told(moved).TURN_HOST, '198.51.100.20', 'another one is told of')
})

t.test('the server of somebody else is not told of as ours', async t => {
  const theirs = { turn: { host: 'turn.example.org', secret: { name: 'turn', key: 'secret' } } }
  const secret = object('Secret', 'turn', { data: { secret: 'eA==' } })
  const before = running(theirs, { related: [secret] })
  t.equal(told(before).TURN_HOST, 'turn.example.org')
  t.notOk('TURN_HOST' in told(carriedOut(before, [], coturn())))
})

t.test('a variable does not fill in while the address is unknown', async t => {
  const asked = running({ ...coturn(), variables: { TURN_HOST: 'elsewhere.example.org' } })
  t.notOk('TURN_HOST' in told(asked))
  t.match(said(asked, 'ConfigurationValid'), { message: /TURN_HOST.*spec\.coturn/ })
})

t.test(
  'a port of nodes is opened as it is asked for, where Kubernetes lets people choose',
  async t => {
    const opened = (spec: object) => {
      const { children } = reconcile(running(spec), inputs).response
      return (only(children, 'Service', 'meet-coturn') as Service).spec?.ports?.map(
        ({ port, nodePort }) => [port, nodePort],
      )
    }
    const fields = { host: 'turn.example.org', tls: { name: 'tls' } }
    const asked = (turn: number, type: string) =>
      coturn({ ...fields, exposure: { type }, ports: { turn, turns: 443 } })
    t.strictSame(opened(asked(30_478, 'NodePort')), [
      [30_478, 30_478],
      [443, undefined],
    ])
    t.strictSame(opened(asked(30_478, 'LoadBalancer')), [
      [30_478, undefined],
      [443, undefined],
    ])
  },
)

t.test('the server itself is the same whatever its address', async t => {
  const template = (spec: object, children: KubeObject[] = []) => {
    const { response } = reconcile(running(spec, { children }), inputs)
    return (only(response.children, 'Deployment', 'meet-coturn') as Deployment).spec?.template
  }
  const before = template(coturn())
  t.strictSame(template(coturn(), balanced({ ip: '198.51.100.10' })), before)
  t.strictSame(template(coturn({ host: 'turn.example.org' })), before)
})
