import t from 'tap'
import { bridgesOf } from '../../../src/components/jvb/bridge.ts'
import { advertised } from '../../../src/components/jvb/exposure.ts'
import type { KubeObject } from '../../../src/kube/types.ts'
import { object, only } from '../../support/fixtures.ts'
import { answer, contextWith, decide, type Seen, type Situation } from './bridges.ts'

const balancer = (name: string, ...ingress: { ip?: string; hostname?: string }[]) =>
  object('Service', name, {
    spec: { type: 'LoadBalancer', ports: [{ name: 'media', port: 10000, nodePort: 30500 }] },
    status: { loadBalancer: { ingress } },
  })
const nodePort = (name: string, port: number) =>
  object('Service', name, {
    spec: { type: 'NodePort', ports: [{ name: 'media', port: 10000, nodePort: port }] },
  })
const exposure = (type: string, more: Record<string, unknown> = {}) => ({
  jvb: { exposure: { type, ...more } },
})
const twoFamilies: Seen = {
  nodeFacts: { externalIPs: ['203.0.113.1', '2001:db8::1'], internalIPs: ['10.0.0.1'] },
}

t.test('a bridge advertises where clients reach it', async t => {
  const cases: (Situation & { name: string; want: string | undefined })[] = [
    {
      name: 'by default the external address of its node',
      bridges: [{}],
      want: '203.0.113.1#10000',
    },
    { name: 'with its own port', bridges: [{ port: 10003 }], want: '203.0.113.1#10003' },
    {
      name: 'the internal address of a node that has no other',
      bridges: [{ nodeFacts: { externalIPs: [], internalIPs: ['10.0.0.1'] } }],
      want: '10.0.0.1#10000',
    },
    {
      name: 'both, where both are named',
      spec: exposure('HostPort', { addressSources: ['ExternalIP', 'InternalIP'] }),
      bridges: [twoFamilies],
      want: '203.0.113.1#10000,10.0.0.1#10000',
    },
    {
      name: 'IPv4 only, since the image maps from that',
      bridges: [twoFamilies],
      want: '203.0.113.1#10000',
    },
    { name: 'nothing before its node is known', bridges: [{ node: null }], want: undefined },
    {
      name: 'nothing where all addresses are IPv6',
      bridges: [{ nodeFacts: { externalIPs: ['2001:db8::1'], internalIPs: [] } }],
      want: undefined,
    },
    {
      name: 'the addresses that the spec lists',
      spec: exposure('HostPort', { addresses: ['192.0.2.1', '192.0.2.2'] }),
      bridges: [{}],
      want: '192.0.2.1#10000,192.0.2.2#10000',
    },
    {
      name: 'HostNetwork: its node',
      spec: exposure('HostNetwork'),
      bridges: [{}],
      want: '203.0.113.1#10000',
    },
    {
      name: 'NodePort: the allocated port of its node',
      spec: exposure('NodePort'),
      bridges: [{}],
      services: [nodePort('meet-jvb-0', 30123)],
      want: '203.0.113.1#30123',
    },
    {
      name: 'NodePort: nothing before the port is allocated',
      spec: exposure('NodePort'),
      bridges: [{}],
      want: undefined,
    },
    {
      name: 'LoadBalancer: its port of the one address',
      spec: exposure('LoadBalancer'),
      bridges: [{ port: 10002 }],
      services: [balancer('meet-jvb-media', { ip: '198.51.100.9' })],
      want: '198.51.100.9#10002',
    },
    {
      name: 'LoadBalancer: nothing while it has no address',
      spec: exposure('LoadBalancer'),
      bridges: [{}],
      services: [balancer('meet-jvb-media')],
      want: undefined,
    },
    {
      name: 'LoadBalancer: a name, where the cloud gives no address',
      spec: exposure('LoadBalancer'),
      bridges: [{}],
      services: [balancer('meet-jvb-media', { hostname: 'lb.cloud.example' })],
      want: 'lb.cloud.example#10000',
    },
    {
      name: 'LoadBalancer for each bridge: the first port of its own address',
      spec: exposure('LoadBalancer', { perBridge: true }),
      bridges: [{ port: 10004 }],
      services: [balancer('meet-jvb-0', { ip: '198.51.100.10' })],
      want: '198.51.100.10#10000',
    },
    {
      name: 'None: nothing, since no client reaches it but through TURN',
      spec: exposure('None'),
      bridges: [{}],
      want: undefined,
    },
  ]
  for (const { name, want, ...situation } of cases) {
    t.test(name, async t => {
      const parts = contextWith(situation)
      const [bridge] = bridgesOf(parts)
      t.equal(bridge && advertised(parts, bridge), want)
    })
  }
})

t.test('an address that a running bridge does not have makes it outdated', async t => {
  const started: Seen = { advertise: '203.0.113.1#10000' }
  const cases: (Situation & { name: string; want: string[] })[] = [
    { name: 'the same address', bridges: [started], want: [] },
    {
      name: 'another one',
      bridges: [{ ...started, nodeFacts: { externalIPs: ['203.0.113.7'] } }],
      want: ['address'],
    },
    {
      name: 'one that is not known any more says nothing',
      bridges: [{ ...started, nodeFacts: { externalIPs: [] } }],
      want: [],
    },
    {
      name: 'the same ones in another order',
      spec: exposure('HostPort', { addresses: ['192.0.2.2', '192.0.2.1'] }),
      bridges: [{ advertise: '192.0.2.1#10000,192.0.2.2#10000' }],
      want: [],
    },
    {
      name: 'a port that the firewall does not let in any more',
      spec: { jvb: { ports: { udp: 20000 } } },
      bridges: [started],
      want: ['ports'],
    },
    {
      name: 'a longer range',
      spec: { jvb: { ports: { count: 50 } } },
      bridges: [started],
      want: [],
    },
    {
      name: 'another first port, where each bridge has a load balancer with it',
      spec: { jvb: { ports: { udp: 20000 }, exposure: { type: 'LoadBalancer', perBridge: true } } },
      bridges: [{ port: 20000, advertise: '198.51.100.10#10000' }],
      services: [balancer('meet-jvb-0', { ip: '198.51.100.10' })],
      want: ['ports'],
    },
  ]
  for (const { name, want, ...situation } of cases) {
    t.test(name, async t => {
      const { bridges, outdated } = decide(situation)
      t.same(bridges.flatMap(outdated), want)
    })
  }
})

t.test('the Services of bridges', async t => {
  const services = (situation: Situation) =>
    answer(situation).objects.filter(({ kind }) => kind === 'Service')
  const names = (objects: readonly KubeObject[]) =>
    objects.map(({ metadata }) => metadata.name).sort()
  const ports = (service: KubeObject) =>
    (service.spec as { ports: { port: number; targetPort: string }[] }).ports

  t.test('are one for each bridge with NodePort, terminating ones included', async t => {
    const bridges = [{}, { graceLeft: 600 }]
    t.same(names(services({ spec: exposure('NodePort'), bridges, desired: 1 })), [
      'meet-jvb',
      'meet-jvb-0',
      'meet-jvb-1',
    ])
  })
  t.test('stay for a bridge that is removed, until its Pod is gone', async t => {
    const bridges: Seen[] = [{}, { status: { phase: 'Failed' } }]
    t.ok(
      names(services({ spec: exposure('NodePort'), bridges, desired: 1 })).includes('meet-jvb-1'),
    )
  })
  t.test(
    'declare every port of a shared address at once, so that scaling never edits it',
    async t => {
      const spec = { jvb: { ports: { udp: 4000, count: 3 }, exposure: { type: 'LoadBalancer' } } }
      const [bridge] = [{ port: 4001 }]
      const few = only(services({ spec, bridges: [] }), 'Service', 'meet-jvb-media')
      const more = only(
        services({ spec, bridges: [bridge], desired: 2 }),
        'Service',
        'meet-jvb-media',
      )
      t.same(
        ports(few).map(({ port }) => port),
        [4000, 4001, 4002],
      )
      t.same(more, few)
    },
  )
  t.test('keep the port of a bridge that another range does not name', async t => {
    const spec = { jvb: { ports: { udp: 4000, count: 2 }, exposure: { type: 'LoadBalancer' } } }
    const shared = only(
      services({ spec, bridges: [{ port: 10000, portName: 'media-10000' }] }),
      'Service',
      'meet-jvb-media',
    )
    t.same(
      ports(shared).map(({ port }) => port),
      [4000, 4001, 10000],
    )
    t.equal(new Set(ports(shared).map(({ targetPort }) => targetPort)).size, 3, 'each reaches one')
  })
  t.test('keep the port that a bridge of its own load balancer advertises', async t => {
    const spec = {
      jvb: { ports: { udp: 20000 }, exposure: { type: 'LoadBalancer', perBridge: true } },
    }
    const own = balancer('meet-jvb-0', { ip: '198.51.100.10' })
    const kept = only(services({ spec, bridges: [{}], services: [own] }), 'Service', 'meet-jvb-0')
    t.match(ports(kept), [{ port: 10000 }])
  })
  t.test('live as long as the bridges that need them, whatever the exposure is now', async t => {
    const own = nodePort('meet-jvb-0', 30123)
    const situation = { spec: exposure('HostPort'), bridges: [{}], services: [own] }
    t.match(only(services(situation), 'Service', 'meet-jvb-0').spec, { type: 'NodePort' })
    const shared = balancer('meet-jvb-media', { ip: '198.51.100.9' })
    const bridges = [{ portName: 'media-10000' }]
    const sharing = { ...situation, bridges, services: [shared] }
    t.match(only(services(sharing), 'Service', 'meet-jvb-media').spec, { type: 'LoadBalancer' })
    t.same(names(services({ ...sharing, bridges: [] })), ['meet-jvb'], 'and not longer')
  })
  t.test('keep their type while the bridge behind them was made for it', async t => {
    const own = balancer('meet-jvb-0', { ip: '198.51.100.10' })
    const situation = { spec: exposure('NodePort'), bridges: [{}], services: [own] }
    t.match(only(services(situation), 'Service', 'meet-jvb-0').spec, { type: 'LoadBalancer' })
  })
})
