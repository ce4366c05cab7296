import type { NodeSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import { goneNode, nodeFacts } from '../../src/kube/node.ts'

const status = {
  addresses: [
    { type: 'InternalIP', address: '10.0.0.4' },
    { type: 'ExternalIP', address: '203.0.113.4' },
    { type: 'ExternalIP', address: '2001:db8::4' },
    { type: 'Hostname', address: 'worker-4' },
  ],
  conditions: [{ type: 'Ready', status: 'True' }],
}

t.test('a Node says where its bridges can be reached', async t => {
  const metadata = {
    labels: { 'topology.kubernetes.io/zone': 'eu-1a', 'topology.kubernetes.io/region': 'eu-1' },
  }
  t.same(nodeFacts('worker-4', { metadata, status }), {
    name: 'worker-4',
    gone: false,
    ready: true,
    leaving: null,
    externalIPs: ['203.0.113.4', '2001:db8::4'],
    internalIPs: ['10.0.0.4'],
    zone: 'eu-1a',
    region: 'eu-1',
  })
})

t.test('a Node without status has no address and is not ready', async t => {
  t.match(nodeFacts('worker-4', {}), { ready: false, externalIPs: [], internalIPs: [] })
})

t.test('leaving', async t => {
  const tainted = (key: string): NodeSpec => ({ taints: [{ key, effect: 'NoSchedule' }] })
  const cases: { name: string; spec: NodeSpec; want: string | null }[] = [
    { name: 'a cordoned Node', spec: { unschedulable: true }, want: 'cordoned' },
    {
      name: 'a Node that the autoscaler removes',
      spec: tainted('ToBeDeletedByClusterAutoscaler'),
      want: 'tainted ToBeDeletedByClusterAutoscaler',
    },
    {
      name: 'a Node that Karpenter disrupts',
      spec: tainted('karpenter.sh/disrupted'),
      want: 'tainted karpenter.sh/disrupted',
    },
    {
      name: 'a Node that an older Karpenter disrupts',
      spec: tainted('karpenter.sh/disruption'),
      want: 'tainted karpenter.sh/disruption',
    },
    {
      name: 'a Node out of service',
      spec: tainted('node.kubernetes.io/out-of-service'),
      want: 'tainted node.kubernetes.io/out-of-service',
    },
    {
      name: 'a Node that its cloud shut down',
      spec: tainted('node.cloudprovider.kubernetes.io/shutdown'),
      want: 'tainted node.cloudprovider.kubernetes.io/shutdown',
    },
    {
      name: 'a spot Node that is taken back',
      spec: tainted('aws-node-termination-handler/spot-itn'),
      want: 'tainted aws-node-termination-handler/spot-itn',
    },
    {
      name: 'not a mere candidate of the autoscaler',
      spec: tainted('DeletionCandidateOfClusterAutoscaler'),
      want: null,
    },
    {
      name: 'not a Node that is only silent',
      spec: tainted('node.kubernetes.io/unreachable'),
      want: null,
    },
    { name: 'not a Node for certain Pods only', spec: tainted('dedicated'), want: null },
    { name: 'not an ordinary Node', spec: {}, want: null },
  ]
  for (const { name, spec, want } of cases) {
    t.test(name, async t => t.equal(nodeFacts('worker-4', { spec, status }).leaving, want))
  }
})

t.test('a Node that is gone', async t => {
  t.test('keeps its last addresses', async t => {
    const written = nodeFacts('worker-4', { status })
    t.same(goneNode('worker-4', written), { ...written, gone: true, ready: false })
  })
  t.test('has no address if it was never seen', async t => {
    t.match(goneNode('worker-4', undefined), { gone: true, ready: false, externalIPs: [] })
  })
})
