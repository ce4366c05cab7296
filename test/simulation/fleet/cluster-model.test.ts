import t from 'tap'
import { type BridgeFacts, parseBridgeFacts } from '../../../src/api/facts.ts'
import type { SyncRequest, SyncResponse } from '../../../src/api/metacontroller.ts'
import type { KubeObject, Pod } from '../../../src/kube/types.ts'
import { ClusterModel, type ClusterOptions } from '../../../src/simulation/fleet/cluster-model.ts'
import { Fleet, type FleetOptions } from '../../../src/simulation/fleet/fleet.ts'
import { hostPorts } from '../../../src/simulation/fleet/scheduler-model.ts'
import { Timeline } from '../../../src/simulation/fleet/timeline.ts'

const labels = {
  'app.kubernetes.io/managed-by': 'jitsi-operator',
  'app.kubernetes.io/instance': 'meet',
  'apps.jit.si/observe': 'jvb',
}

/** A toy plan: so many bridges as wanted on ports from 10000; the last ones drain, then go. */
function toyPlan({ parent, children }: SyncRequest): SyncResponse {
  const { jvb } = parent.spec as { jvb: { strategy: { replicas: number } } }
  const { replicas } = jvb.strategy
  const pods = Object.values(children['Pod.v1'] ?? {}) as Pod[]
  const byNumber = new Map(pods.map(pod => [Number(pod.metadata.name.split('-').at(-1)), pod]))
  const kept = [...byNumber]
    .filter(([number, pod]) => number < replicas || factsOf(pod)?.empty !== true)
    .map(([number, pod]) => keptPod(pod, number < replicas ? 'serve' : 'drain'))
  const created = Array.from({ length: replicas }, (_none, number) => number)
    .filter(number => !byNumber.has(number))
    .map(newPod)
  return { status: { replicas: pods.length }, children: [...kept, ...created] }
}

const factsOf = (pod: Pod): BridgeFacts | undefined =>
  parseBridgeFacts(pod.metadata.annotations?.['apps.jit.si/facts'])

function keptPod({ apiVersion, kind, metadata, spec }: Pod, intent: string): KubeObject {
  const annotations = { 'apps.jit.si/intent': intent, 'apps.jit.si/advertise': '203.0.113.1#10000' }
  return { apiVersion, kind, metadata: { name: metadata.name, labels, annotations }, spec }
}

function newPod(number: number): KubeObject {
  const hostPort = 10_000 + (number % 2)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `meet-jvb-${number}`,
      labels,
      annotations: { 'apps.jit.si/intent': 'serve' },
    },
    spec: {
      terminationGracePeriodSeconds: 2760,
      initContainers: [{ name: 'wait-for-address' }],
      containers: [
        {
          name: 'jvb',
          image: 'ghcr.io/jitsi/jvb:stable-11146-2',
          resources: { requests: { cpu: '2' }, limits: { cpu: '2' } },
          ports: [{ name: 'media', containerPort: 10_000, hostPort, protocol: 'UDP' }],
        },
      ],
    },
  }
}

function jitsi(replicas: number): KubeObject {
  return {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace: 'jitsi' },
    spec: { jvb: { strategy: { replicas } } },
  }
}

interface Scene extends Partial<ClusterOptions> {
  nodes?: number
  replicas?: number
  fleetOptions?: FleetOptions
}

/** A cluster whose bridges have come up. */
async function readyCluster({ nodes = 2, replicas = 2, fleetOptions, ...options }: Scene = {}) {
  const timeline = new Timeline()
  const fleet = new Fleet({ timeline, ...fleetOptions })
  const cluster = new ClusterModel({ timeline, fleet, sync: toyPlan, ...options })
  for (let node = 1; node <= nodes; node++) cluster.nodes.add({ name: `worker-${node}`, cpus: 4 })
  cluster.apply(jitsi(replicas))
  await cluster.run(120)
  return { cluster, fleet, timeline }
}

const serving = (cluster: ClusterModel) =>
  cluster.bridgePods.filter(pod => factsOf(pod)?.mucsJoined === 1 && !factsOf(pod)?.draining)

t.test('bridges come up: bound, started, joined, observed', async t => {
  const { cluster, fleet } = await readyCluster()
  t.equal(serving(cluster).length, 2)
  t.same(cluster.bridgePods.map(pod => pod.spec.nodeName).sort(), ['worker-1', 'worker-2'])
  t.same(
    fleet.bridges.map(({ cpus, version }) => ({ cpus, version })),
    [
      { cpus: 2, version: 'stable-11146-2' },
      { cpus: 2, version: 'stable-11146-2' },
    ],
  )
  t.same(cluster.composite.errors, [])
})

t.test('a cluster in which nothing happens is not written to', async t => {
  const { cluster } = await readyCluster()
  const before = { ...cluster.composite.writes, facts: cluster.decorator.writes }
  await cluster.run(6 * 3600)
  t.same({ ...cluster.composite.writes, facts: cluster.decorator.writes }, before)
})

t.test('a bridge that is drained goes when its meetings have ended, and nobody is cut', async t => {
  const { cluster, fleet } = await readyCluster()
  fleet.people.arrive({ room: 'one', participants: 10, minutes: 20, gather: 0 })
  await cluster.run(1)
  fleet.people.arrive({ room: 'two', participants: 10, minutes: 20, gather: 0 })
  await cluster.run(60)
  cluster.scale('meet', 1)
  await cluster.run(60)
  t.match(fleet.metricsOf('meet-jvb-1'), { drain_mode: true, local_endpoints: 10 })
  await cluster.run(1500)
  t.same(
    cluster.bridgePods.map(({ metadata }) => metadata.name),
    ['meet-jvb-0'],
  )
  t.match(fleet.tally(), { cut: 0, moved: 0, joins: 20 })
})

t.test('a bridge that is drained is taken back with its people', async t => {
  const { cluster, fleet } = await readyCluster()
  cluster.scale('meet', 1)
  await cluster.run(10)
  t.match(fleet.metricsOf('meet-jvb-1'), { drain_mode: true })
  cluster.scale('meet', 2)
  await cluster.run(10)
  t.match(fleet.metricsOf('meet-jvb-1'), { drain_mode: false })
})

t.test('the scheduler', async t => {
  t.test('tells a Pod that its port is taken on every Node', async t => {
    const { cluster } = await readyCluster({ nodes: 1, replicas: 3 })
    const [pending] = cluster.bridgePods.filter(({ spec }) => spec.nodeName === undefined)
    t.match(pending?.status?.conditions, [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message:
          "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
      },
    ])
    const ports = cluster.bridgePods.filter(({ spec }) => spec.nodeName).flatMap(hostPorts)
    t.same(ports.sort(), ['UDP/10000', 'UDP/10001'])
  })
  t.test('tells a Pod that there is no CPU, and binds it when a Node comes', async t => {
    const { cluster } = await readyCluster({ nodes: 0, replicas: 1 })
    cluster.nodes.add({ name: 'small', cpus: 1 })
    await cluster.run(5)
    t.match(cluster.pod('meet-jvb-0').status?.conditions, [{ message: /1 Insufficient cpu/ }])
    cluster.nodes.add({ name: 'large' })
    await cluster.run(5)
    t.equal(cluster.pod('meet-jvb-0').spec.nodeName, 'large')
  })
  t.test('leaves cordoned and tainted Nodes alone', async t => {
    const { cluster } = await readyCluster({ nodes: 2, replicas: 0 })
    cluster.nodes.cordon('worker-1')
    cluster.nodes.taint('worker-2', { key: 'dedicated', value: 'db', effect: 'NoSchedule' })
    cluster.scale('meet', 1)
    await cluster.run(5)
    t.match(cluster.pod('meet-jvb-0').status?.conditions, [
      {
        message:
          /1 node\(s\) had untolerated taint \{dedicated: db\}, 1 node\(s\) were unschedulable/,
      },
    ])
  })
})

t.test('a Pod that is deleted', async t => {
  t.test('keeps its meetings until they end, and says farewell', async t => {
    const { cluster, fleet } = await readyCluster({ replicas: 1 })
    fleet.people.arrive({ room: 'one', participants: 10, minutes: 20, gather: 0 })
    await cluster.run(60)
    cluster.remove(cluster.pod('meet-jvb-0'))
    await cluster.run(1000)
    t.match(fleet.metricsOf('meet-jvb-0'), { drain_mode: true, local_endpoints: 10 })
    await cluster.run(300)
    t.match(fleet.tally(), { cut: 0, moved: 0, departures: [] })
  })
  t.test('leaves its people to another bridge at its deadline', async t => {
    const { cluster, fleet } = await readyCluster({ fleetOptions: { seed: 2 } })
    fleet.people.arrive({ room: 'one', participants: 10, minutes: 600, gather: 0 })
    await cluster.run(60)
    const busy = fleet.bridges.find(({ participants }) => participants.size > 0)?.name ?? ''
    cluster.remove(cluster.pod(busy))
    await cluster.run(2690)
    t.equal(fleet.tally().moved, 0)
    await cluster.run(30)
    t.match(fleet.tally(), { moved: 10, cut: 0, departures: [{ cause: 'Terminated' }] })
  })
  t.test('may hang, and then holds its name and its port', async t => {
    const { cluster, fleet } = await readyCluster()
    cluster.kubelet.hanging.add('meet-jvb-1')
    cluster.scale('meet', 1)
    await cluster.run(300)
    t.ok(cluster.pod('meet-jvb-1').metadata.deletionTimestamp)
    t.equal(fleet.bridges.length, 1, 'although its process has ended')
  })
})

t.test('a Node', async t => {
  t.test('that is drained waits for the meetings on it', async t => {
    const { cluster, fleet } = await readyCluster({ replicas: 1 })
    fleet.people.arrive({ room: 'one', participants: 10, minutes: 20, gather: 0 })
    await cluster.run(60)
    const { nodeName = '' } = cluster.pod('meet-jvb-0').spec
    cluster.nodes.drain(nodeName)
    await cluster.run(600)
    t.equal(fleet.metricsOf('meet-jvb-0')?.local_endpoints, 10)
    await cluster.run(900)
    t.not(cluster.pod('meet-jvb-0').spec.nodeName, nodeName, 'the toy plan makes it anew elsewhere')
    t.match(fleet.tally(), { cut: 0, moved: 0 })
  })
  t.test(
    'that dies takes its bridge with it, and its Pod stays until the Node is removed',
    async t => {
      const { cluster, fleet } = await readyCluster({ nodes: 3 })
      const { nodeName = '' } = cluster.pod('meet-jvb-1').spec
      cluster.nodes.fail(nodeName)
      await cluster.run(600)
      t.equal(fleet.bridges.length, 1)
      t.ok(cluster.pod('meet-jvb-1').metadata.deletionTimestamp)
      t.match(factsOf(cluster.pod('meet-jvb-1')), { reachable: false })
      cluster.nodes.remove(nodeName)
      await cluster.run(200)
      t.equal(serving(cluster).length, 2)
    },
  )
  t.test('that is only silent keeps its bridge', async t => {
    const { cluster, fleet } = await readyCluster()
    const { nodeName = '' } = cluster.pod('meet-jvb-1').spec
    cluster.nodes.notReady(nodeName)
    await cluster.run(200)
    cluster.nodes.notReady(nodeName, false)
    await cluster.run(600)
    t.equal(serving(cluster).length, 2)
    t.equal(fleet.bridges.length, 2)
  })
  t.test('that is cordoned shows in the facts of its Pods', async t => {
    const { cluster } = await readyCluster()
    await cluster.run(600)
    const { nodeName = '' } = cluster.pod('meet-jvb-1').spec
    cluster.nodes.cordon(nodeName)
    await cluster.run(20)
    t.match(cluster.pod('meet-jvb-1').metadata.annotations?.['apps.jit.si/node'], /"cordoned"/)
  })
})

t.test('what ended is what it is: crash, eviction by force, graceful exit', async t => {
  const { cluster, fleet } = await readyCluster({ nodes: 2, replicas: 3 })
  fleet.crashBridge('meet-jvb-0')
  cluster.failPod('meet-jvb-1')
  fleet.shutdownBridge('meet-jvb-2')
  await cluster.run(120)
  t.match(factsOf(cluster.pod('meet-jvb-0')), { reachable: true, mucsJoined: 1 })
  t.equal(cluster.pod('meet-jvb-1').status?.phase, 'Failed')
  t.equal(cluster.pod('meet-jvb-2').status?.phase, 'Succeeded')
})

t.test('the observer can be out, and facts can be lost', async t => {
  const { cluster, fleet } = await readyCluster()
  cluster.decorator.outageUntil = cluster.timeline.seconds + 300
  fleet.people.arrive({ room: 'one', participants: 10, minutes: 20, gather: 0 })
  await cluster.run(200)
  t.same(
    cluster.bridgePods.map(pod => factsOf(pod)?.participants),
    [0, 0],
  )
  await cluster.run(200)
  t.equal(
    serving(cluster).reduce((sum, pod) => sum + (factsOf(pod)?.participants ?? 0), 0),
    10,
  )
  cluster.decorator.loseFacts(cluster.pod('meet-jvb-0'))
  t.equal(factsOf(cluster.pod('meet-jvb-0')), undefined)
  await cluster.run(5)
  t.equal(serving(cluster).length, 2)
})

t.test('a plan that is shown old children makes nothing twice', async t => {
  let asked = 0
  const { cluster } = await readyCluster({ staleness: () => asked++ % 5 })
  cluster.scale('meet', 4)
  await cluster.run(300)
  t.equal(serving(cluster).length, 4)
  t.same(cluster.composite.errors, [])
})

t.test('a plan that changes the spec of a Pod, or its request, is found out', async t => {
  let renamed = 0
  const changing = await readyCluster({
    sync: request => {
      const response = toyPlan(request)
      const spec = { containers: [], hostname: `name-${renamed++}` }
      return { ...response, children: response.children.map(child => ({ ...child, spec })) }
    },
  })
  t.match(changing.cluster.composite.errors[0], /spec of Pod meet-jvb-0 can't be changed/)
  const editing = await readyCluster({
    sync: request => {
      Object.assign(request.parent, { spec: undefined })
      return toyPlan(request)
    },
  })
  t.match(editing.cluster.composite.errors[0], /read only|Cannot assign/)
})

t.test('workloads beside the bridges', async t => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'meet-media' },
    spec: { type: 'LoadBalancer', ports: [{ name: 'media', port: 10_000, protocol: 'UDP' }] },
  }
  const jicofo = (image: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'meet-jicofo', labels: { 'app.kubernetes.io/component': 'jicofo' } },
    spec: {
      replicas: 1,
      template: {
        metadata: { labels: { ...labels, 'apps.jit.si/observe': 'jicofo' } },
        spec: { containers: [{ name: 'jicofo', image }] },
      },
    },
  })
  const image = { name: 'jicofo:1' }
  const { cluster, fleet } = await readyCluster({
    sync: request => {
      const response = toyPlan({
        ...request,
        children: { 'Pod.v1': request.children['Pod.v1'] ?? {} },
      })
      return { ...response, children: [...response.children, service, jicofo(image.name)] }
    },
  })
  t.match(cluster.store.get('Service', 'meet-media'), {
    spec: { ports: [{ nodePort: 30_000 }] },
    status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } },
  })
  const facts = cluster.pod('meet-jicofo-pod').metadata.annotations?.['apps.jit.si/facts']
  t.match(facts, /"operationalBridges":2/)
  fleet.people.arrive({ room: 'one', participants: 3, minutes: 20, gather: 0 })
  await cluster.run(60)
  const writes = { ...cluster.composite.writes }
  image.name = 'jicofo:2'
  await cluster.run(120)
  t.match(cluster.workloads.restarts, [{ component: 'jicofo', meetings: 1 }])
  t.equal(cluster.composite.writes.update, writes.update + 1)
  t.same(cluster.composite.errors, [])
})

t.test('a budget forbids the eviction of what it covers', async t => {
  const budget = (minAvailable: number) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'meet-jvb', namespace: 'jitsi' },
    spec: { selector: { matchLabels: labels }, minAvailable },
  })
  const { cluster } = await readyCluster()
  cluster.apply(budget(2))
  t.equal(cluster.evict(cluster.pod('meet-jvb-1')), false)
  cluster.apply(budget(1))
  t.equal(cluster.evict(cluster.pod('meet-jvb-1')), true)
})
