import t from 'tap'
import type { Pod, Service } from '../../src/kube/types.ts'
import { hostPorts } from '../../src/simulation/fleet/scheduler-model.ts'
import { bridges, meet, serving } from './lessons.ts'
import { School } from './school.ts'

const exposed = (type: string, more: Record<string, unknown> = {}) =>
  bridges(2, { exposure: { type, ...more } })
const addresses = (school: School) => (school.status.bridges ?? []).map(({ address }) => address)

t.test('two Jitsis on the same nodes find free ports each', async t => {
  const school = new School({ spec: bridges(2), nodes: 2, cpusPerNode: 16 })
  await school.until(serving(school, 2), 600)
  school.cluster.apply({
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'other', namespace: 'school' },
    spec: { domain: 'other.school.example', ...bridges(4) },
  })
  const placed = () => school.cluster.bridgePods.filter(({ spec }) => spec.nodeName).length === 6
  t.ok(await school.until(placed, 900), 'learned from what the scheduler refuses')
  await school.cluster.run(120)
  const held = school.cluster.bridgePods.flatMap(pod =>
    hostPorts(pod).map(port => `${pod.spec.nodeName} ${port}`),
  )
  t.equal(held.length, 6)
  t.equal(new Set(held).size, held.length)
  t.same(school.cluster.composite.errors, [])
})

/** Another program on a node, which holds a port of the range. */
const holding = (port: number, nodeName: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'other', namespace: 'other', labels: {} },
  spec: {
    nodeName,
    containers: [{ name: 'other', ports: [{ containerPort: 1, hostPort: port, protocol: 'UDP' }] }],
  },
  status: { phase: 'Running' },
})

t.test('one port beside another holder: the old bridge of the node makes room', async t => {
  const spec = { jvb: { strategy: { type: 'daemonset' }, ports: { count: 2 } } }
  const school = new School({ spec, nodes: 2 })
  school.cluster.store.create(holding(10001, 'node-1'))
  await school.until(serving(school, 2), 600)
  const made = () => school.cluster.composite.writes.create
  const before = made()
  meet(school, 4, { minutes: 30 })
  await school.cluster.run(120)
  school.change({ image: { tag: 'stable-11203' }, disableGracefulUpgrade: true })
  const complete = () => school.condition('Progressing')?.reason === 'Complete'
  await school.until(() => !complete(), 60)
  t.ok(await school.until(complete, 2 * 3600))
  t.ok(made() - before <= 5, `${made() - before} objects made for two new bridges`)
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('on the network of the host a node runs one bridge, and more than nodes wait', async t => {
  const spec = bridges(3, { exposure: { type: 'HostNetwork' } })
  const school = new School({ spec, nodes: 2 })
  await school.until(serving(school, 2), 600)
  const made = () => school.cluster.composite.writes.create
  const before = made()
  await school.cluster.run(600)
  t.equal(made(), before, 'no other UDP port is tried: the private port is the one taken')
  t.match(school.condition('PortsAvailable'), { status: 'False', reason: 'HostPortsTaken' })
  school.cluster.nodes.add({ name: 'node-3' })
  t.ok(await school.until(serving(school, 3), 600))
  t.match(school.condition('PortsAvailable'), { status: 'True' })
})

t.test('with NodePort each bridge has a Service and its port from the beginning', async t => {
  const school = new School({ spec: exposed('NodePort') })
  t.ok(await school.until(serving(school, 2), 600))
  const nodePorts = school.cluster.bridgePods.map(({ metadata }) => {
    const service = school.cluster.store.get('Service', metadata.name, 'school') as Service
    return String(service.spec?.ports?.[0]?.nodePort)
  })
  for (const port of nodePorts)
    t.ok(addresses(school).some(address => address?.endsWith(`#${port}`)))
  t.equal(new Set(nodePorts).size, 2)
})

t.test('the Service of a bridge stays until its last meeting has ended', async t => {
  const school = new School({ spec: exposed('NodePort') })
  await school.until(serving(school, 2), 600)
  meet(school, 4, { minutes: 20 })
  await school.cluster.run(120)
  school.apply(bridges(1, { exposure: { type: 'NodePort' } }))
  await school.until(() => school.bridges('Draining').length === 1, 60)
  const [name = ''] = school.bridges('Draining')
  const service = () => school.cluster.store.get('Service', name, 'school')
  const pod = () => school.cluster.store.get('Pod', name, 'school')
  let orphaned = false
  const gone = await school.until(() => {
    orphaned ||= pod() !== undefined && service() === undefined
    return pod() === undefined
  }, 3600)
  t.ok(gone)
  t.notOk(orphaned)
  t.ok(await school.until(() => service() === undefined, 60), 'and no longer')
})

for (const exposure of ['LoadBalancer', 'HostPort']) {
  t.test(`${exposure}: a bridge whose note of its port is gone still holds it`, async t => {
    const way = { exposure: { type: exposure } }
    const school = new School({ spec: bridges(2, way), nodes: 1 })
    await school.until(serving(school, 2), 600)
    const { store, bridgePods } = school.cluster
    for (const pod of bridgePods) {
      const { 'apps.jit.si/udp-port': _, ...annotations } = pod.metadata.annotations ?? {}
      store.patch(pod, now => ({ ...now, metadata: { ...now.metadata, annotations } }))
    }
    school.apply(bridges(3, way))
    t.ok(await school.until(serving(school, 3), 600))
    const ports = school.cluster.bridgePods.map(({ spec }) => {
      const media = spec.containers[0]?.ports?.find(({ protocol }) => protocol === 'UDP')
      return media?.hostPort ?? media?.name
    })
    t.equal(new Set(ports).size, 3, ports.join(' '))
    t.equal(school.decisions.filter(({ reason }) => reason === 'ScaleOut').length, 3)
  })
}

t.test('a load balancer whose address comes late is waited for', async t => {
  const school = new School({ spec: exposed('LoadBalancer'), loadBalancerSeconds: 400 })
  await school.cluster.run(300)
  t.equal(school.fleet.bridges.length, 0, 'no bridge starts without an address')
  t.match(school.condition('MediaReachable'), { status: 'Unknown', reason: 'AddressUnknown' })
  t.ok(await school.until(serving(school, 2), 600))
  for (const address of addresses(school)) t.match(address, /^198\.51\.100\.1#1000\d$/)
})

t.test('a load balancer whose address changes gets new bridges, and nobody is cut', async t => {
  const school = new School({ spec: exposed('LoadBalancer') })
  await school.until(serving(school, 2), 600)
  meet(school, 4, { minutes: 20 })
  await school.cluster.run(120)
  const service = school.cluster.store.get('Service', 'meet-jvb-media', 'school')
  if (service) {
    school.cluster.store.patch(service, current => ({
      ...current,
      status: { loadBalancer: { ingress: [{ ip: '198.51.100.77' }] } },
    }))
  }
  const moved = () => addresses(school).every(address => address?.startsWith('198.51.100.77#'))
  t.ok(await school.until(() => moved() && serving(school, 2)(), 3 * 3600))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('one load balancer for each bridge gives each its own address', async t => {
  const school = new School({ spec: exposed('LoadBalancer', { perBridge: true }) })
  t.ok(await school.until(serving(school, 2), 600))
  const all = addresses(school)
  t.equal(new Set(all).size, 2)
  for (const address of all) t.match(address, /^198\.51\.100\.\d#10000$/)
})
