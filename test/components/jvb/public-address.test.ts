import t from 'tap'
import { bridgesOf } from '../../../src/components/jvb/bridge.ts'
import { advertised } from '../../../src/components/jvb/public-address.ts'
import { contextWith, decide, type Seen, type Situation } from './bridges.ts'
import { balancer, exposure, nodePort } from './exposures.ts'

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
