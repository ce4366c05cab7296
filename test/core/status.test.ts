import t from 'tap'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { Bridge } from '../../src/components/jvb/bridge.ts'
import { portsStatus } from '../../src/core/firewall.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { statusOf, totalsOf } from '../../src/core/status.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { timeText } from '../../src/kube/conditions.ts'
import type { Pod } from '../../src/kube/types.ts'
import { servingFacts } from '../support/cluster.ts'
import {
  context,
  inputs,
  jitsi,
  now,
  object,
  type RequestParts,
  request,
} from '../support/fixtures.ts'

/** A bridge as the plan sees it. */
function bridge(index: number, changes: Partial<Bridge> = {}): Bridge {
  const name = `meet-jvb-${index}`
  const annotations = { [annotation.advertise]: `203.0.113.${index}#10000` }
  return {
    name,
    pod: object('Pod', name, { metadata: { annotations }, spec: { containers: [] } }) as Pod,
    index,
    state: 'Serving',
    intent: 'serve',
    intentReason: '',
    drainingSince: undefined,
    drainDeadline: undefined,
    node: 'node-1',
    pinnedTo: undefined,
    port: 10_000,
    portsRefused: [],
    facts: servingFacts,
    nodeFacts: undefined,
    ...changes,
  } as Bridge
}

function status(bridges: Bridge[], parts: RequestParts & { spec?: object } = {}): JitsiStatus {
  return statusOf({
    context: context(parts),
    bridges,
    fleet: undefined,
    desired: bridges.length,
    judgements: [],
    autoscaling: undefined,
    waitingSince: undefined,
    makingSince: undefined,
  })
}

t.test('totals', async t => {
  const facts = { ...servingFacts, participants: 12, conferences: 2 }
  const fleet = [
    bridge(0, { facts }),
    bridge(1, { state: 'Starting', facts: undefined }),
    bridge(2, { state: 'Pending', facts: undefined }),
    bridge(3, { state: 'Draining', facts }),
    bridge(4, { state: 'Empty' }),
    bridge(5, { state: 'Suspect', facts: { ...facts, reachable: false } }),
  ]
  t.match(totalsOf(fleet, 3), {
    desired: 3,
    serving: 1,
    starting: 2,
    draining: 2,
    participants: 24,
    conferences: 4,
  })
  t.match(
    status(fleet),
    { replicas: 3, bridgesSummary: '1/6' },
    'the autoscaler counts those that serve or will',
  )
})

t.test('a bridge is shown with all that a person looks for', async t => {
  const drainingSince = new Date('2026-11-23T09:30:00Z')
  const drainDeadline = new Date('2026-11-23T10:15:00Z')
  const facts = { ...servingFacts, stress: 0.3, participants: 5, conferences: 1 }
  const draining = bridge(1, {
    state: 'Draining',
    intent: 'drain',
    intentReason: 'ScaleIn',
    drainingSince,
    drainDeadline,
    facts,
  })
  t.match(status([draining]).bridges, [
    {
      name: 'meet-jvb-1',
      state: 'Draining',
      node: 'node-1',
      port: 10_000,
      address: '203.0.113.1#10000',
      stress: '0.30',
      participants: 5,
      conferences: 1,
      reason: 'ScaleIn',
      message: /5 people in 1 meetings.*2026-11-23T10:15:00Z/,
      since: '2026-11-23T09:30:00Z',
    },
  ])
})

t.test('of many bridges a hundred are listed, those that do not serve first', async t => {
  const fleet = Array.from({ length: 150 }, (_, index) =>
    bridge(index, index === 149 ? { state: 'Suspect' } : {}),
  )
  const { bridges = [] } = status(fleet)
  t.equal(bridges.length, 100)
  t.equal(bridges[0]?.name, 'meet-jvb-149')
})

t.test('the firewall', async t => {
  const ports = (
    exposure: object,
    children: RequestParts['children'] = [],
    bridges = [bridge(0)],
  ) => {
    const spec = { jvb: { exposure, ports: { udp: 30_000, count: 3 } } }
    return portsStatus(context({ spec, children }), bridges)
  }
  const nodePort = (name: string, port?: number) =>
    object('Service', name, {
      spec: { type: 'NodePort', ports: [{ ...(port && { nodePort: port }), protocol: 'UDP' }] },
    })

  t.test('lets a range of ports in to nodes', async t => {
    const range = [{ protocol: 'UDP', from: 30_000, to: 30_002, target: 'nodes' }]
    t.strictSame(ports({ type: 'HostPort' }), range)
    t.strictSame(ports({ type: 'HostNetwork' }), range)
  })
  t.test('lets in the node ports that Kubernetes chose, lowest first', async t => {
    const https = [{ nodePort: 30_080, protocol: 'TCP' }]
    const web = object('Service', 'web', { spec: { type: 'NodePort', ports: https } })
    const children = [nodePort('a', 31_002), nodePort('b', 31_001), nodePort('c'), web]
    t.match(ports({ type: 'NodePort' }, children), [
      { from: 31_001, to: 31_001, target: 'nodes' },
      { from: 31_002, to: 31_002, target: 'nodes' },
    ])
    t.strictSame(ports({ type: 'NodePort' }), [], 'none are chosen yet')
  })
  t.test('lets the range in to a load balancer, by its address once it has one', async t => {
    const ingress = [{ ip: '198.51.100.10' }]
    const service = object('Service', 'meet-jvb-media', { status: { loadBalancer: { ingress } } })
    t.match(ports({ type: 'LoadBalancer' }), [{ to: 30_002, target: 'the load balancer' }])
    t.match(ports({ type: 'LoadBalancer' }, [service]), [{ target: '198.51.100.10' }])
  })
  t.test('lets one port in to each of many load balancers', async t => {
    t.match(ports({ type: 'LoadBalancer', perBridge: true }), [
      { from: 30_000, to: 30_000, target: 'load balancers' },
    ])
  })
  t.test('lets nothing in where all media goes through TURN', async t => {
    t.strictSame(ports({ type: 'None' }), [])
  })
})

t.test('conditions of an older status that are none are forgotten', async t => {
  const odd = { conditions: [null, 'x', { type: 'Ready', status: 'True' }] }
  t.strictSame(status([], { jitsi: { ...jitsi(), status: odd } }).conditions, [])
})

t.test(
  'when bridges were last moved is still known after a time in which all was held',
  async t => {
    const rollout = { lastEvacuation: '2026-11-23T09:59:50Z' }
    const asked = { jitsi: { ...jitsi(), status: { rollout } } }
    t.strictSame(status([], asked).rollout, rollout)
    t.strictSame(status([bridge(0)], asked).rollout, rollout)
    const end = new Date(now.getTime() + 30_000).toISOString()
    const stopped = bridge(0, { state: 'Terminating', facts: { ...servingFacts, empty: false } })
    const { pod } = stopped
    const leaving = {
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: end },
      spec: { ...pod.spec, terminationGracePeriodSeconds: 60 },
    }
    t.strictSame(
      status([{ ...stopped, pod: leaving }], asked).rollout,
      { lastEvacuation: timeText(now) },
      'one that was stopped before moves its people now',
    )
  },
)

t.test('a suspended Jitsi has a status, whatever stood there before', async t => {
  const odd = { fleet: { desired: { toString: 1 } }, rollout: 'soon' }
  const asked = request({ jitsi: jitsi({ spec: { suspend: true }, status: odd }) })
  t.match(reconcile(asked, inputs).response.status, { bridgesSummary: '0/0' })
})
