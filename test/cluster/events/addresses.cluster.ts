import t from 'tap'
import { sharedPortName } from '../../../src/components/jvb/media-services.ts'
import { annotation } from '../../../src/kube/annotations.ts'
import type { KubeObject } from '../../../src/kube/types.ts'
import { nameOf, serves, statusOf } from '../bridge-pods.ts'
import { campusOf, fleetIn, type JitsiFleet, nodesFor, on } from '../campus.ts'
import { askTwice } from '../jitsi-lab.ts'
import type { LiveObject } from '../kube-client.ts'
import { endsByItself } from '../pod-stages.ts'
import { until } from '../until.ts'

/* Addresses that are known late, or change: the tests play the cloud, which nobody else does here. */

const campus = await campusOf(t)
const { client } = campus.lab.plane

/** Two bridges on a node of their own, which stop as their preStop hooks let them. */
async function twoBehind(namespace: string, exposure: object, rollout: object = {}) {
  return fleetIn(campus, namespace, {
    ...on(namespace),
    strategy: { type: 'static', replicas: 2 },
    labels: { [endsByItself]: 'true' },
    exposure,
    rollout,
  })
}

const advertised = ({ metadata }: KubeObject) => metadata.annotations?.[annotation.advertise]

/** Waits until so many Pods run without an address, and shows that nothing comes of it. */
async function stillWaiting({ jitsi, pods, fleet }: JitsiFleet, running: number) {
  await until('Pods that run', async () => {
    const found = (await pods()).filter(({ status }) => status?.phase === 'Running')
    return found.length === running
  })
  await until('a word about it', async () => {
    const { conditions } = await statusOf(client, jitsi)
    return conditions?.find(({ type }) => type === 'MediaReachable')?.reason === 'AddressUnknown'
  })
  await askTwice(campus.lab, jitsi)
  return {
    started: fleet.bridges.map(nameOfBridge),
    serving: (await pods()).filter(serves).map(nameOf),
  }
}

const nameOfBridge = ({ name }: { name: string }) => name

const service = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  name,
  namespace,
})

/** What a load balancer controller does when it has an address. */
async function giveAddress(namespace: string, name: string, ip: string) {
  const status = { loadBalancer: { ingress: [{ ip }] } }
  await client.patch(service(namespace, name), { status }, 'status')
}

t.test(
  'a load balancer each: a bridge starts when its own has an address',
  { buffered: true },
  async t => {
    await nodesFor(campus, 'own', 1)
    const it = await twoBehind('own', { type: 'LoadBalancer', perBridge: true })
    t.strictSame(await stillWaiting(it, 2), { started: [], serving: [] })
    await giveAddress('own', 'meet-jvb-1', '198.51.100.1')
    await until(
      'that one serves',
      async () => (await it.pods()).filter(serves).map(nameOf)[0] === 'meet-jvb-1',
    )
    t.strictSame(await stillWaiting(it, 2), { started: ['meet-jvb-1'], serving: ['meet-jvb-1'] })
    await giveAddress('own', 'meet-jvb-0', '198.51.100.0')
    const pods = await it.serving(2)
    t.strictSame(pods.map(advertised), ['198.51.100.0#10000', '198.51.100.1#10000'])
  },
)

t.test(
  'one load balancer for all: a port each, and a new address rolls them gracefully',
  { buffered: true },
  async t => {
    await nodesFor(campus, 'all', 1)
    const it = await twoBehind('all', { type: 'LoadBalancer' }, { maxSurge: 2 })
    t.strictSame(await stillWaiting(it, 2), { started: [], serving: [] })
    await giveAddress('all', 'meet-jvb-media', '198.51.100.7')
    const old = await it.serving(2)
    t.strictSame(old.map(advertised), ['198.51.100.7#10000', '198.51.100.7#10001'])
    t.strictSame(
      old.map(({ spec }) => spec.containers[0]?.ports?.[0]?.name),
      [10000, 10001].map(sharedPortName),
    )
    const { spec } = await client.get(service('all', 'meet-jvb-media'))
    await it.keepBusy(2)

    await giveAddress('all', 'meet-jvb-media', '198.51.100.8')
    await until('two with the new address serve, and the old ones drain', async () => {
      const serving = (await it.pods()).filter(serves)
      return serving.length === 2 && (await it.draining()).length === 2
    })
    t.strictSame((await it.draining()).map(nameOf), old.map(nameOf))
    t.strictSame((await it.pods()).map(advertised), [
      '198.51.100.7#10000',
      '198.51.100.7#10001',
      '198.51.100.8#10002',
      '198.51.100.8#10003',
    ])
    it.adjournOn(old)
    await it.serving(2)
    t.strictSame((await client.get(service('all', 'meet-jvb-media'))).spec, spec, 'never edited')
    t.strictSame(it.losses(), [])
  },
)

t.test(
  'a node port each: known late, and there as long as the bridge drains',
  { buffered: true },
  async t => {
    const [name = ''] = await nodesFor(campus, 'ports', 1)
    const node = { apiVersion: 'v1', kind: 'Node', name }
    const { addresses } = (await client.get(node)).status as NodeStatus
    const hostname = addresses.filter(({ type }) => type === 'Hostname')
    const external = addresses.find(({ type }) => type === 'ExternalIP')?.address
    await client.patch(node, { status: { addresses: hostname } }, 'status')
    const it = await twoBehind('ports', { type: 'NodePort' })
    t.strictSame(await stillWaiting(it, 2), { started: [], serving: [] })
    await client.patch(node, { status: { addresses } }, 'status')
    const pods = await it.serving(2)
    const ports = await Promise.all(pods.map(pod => nodePort(nameOf(pod))))
    t.equal(new Set(ports).size, 2)
    t.strictSame(
      pods.map(advertised),
      ports.map(port => `${external}#${port}`),
    )

    await it.keepBusy(2)
    await it.scale(1)
    const [leaving] = await until('one drains', async () => {
      const found = await it.draining()
      return found.length === 1 && found
    })
    if (!leaving) return
    // Somebody does not want to wait; its preStop hook does.
    await client.remove({
      apiVersion: 'v1',
      kind: 'Pod',
      name: nameOf(leaving),
      namespace: 'ports',
    })
    await askTwice(campus.lab, it.jitsi)
    t.equal(
      advertised(leaving),
      `${external}#${await nodePort(nameOf(leaving))}`,
      'it keeps its port',
    )
    t.ok(it.fleet.bridge(nameOf(leaving)).participants.size > 0)
    it.adjournOn([leaving])
    await it.serving(1)
    await until('its Service is gone', async () => {
      return (await client.find(service('ports', nameOf(leaving)))) === undefined
    })
    t.strictSame(it.losses(), [])
  },
)

async function nodePort(name: string): Promise<number> {
  const { spec } = (await client.get(service('ports', name))) as LiveObject & NodePorts
  return spec.ports[0]?.nodePort ?? 0
}

interface NodeStatus {
  addresses: { type: string; address: string }[]
}

interface NodePorts {
  spec: { ports: { nodePort: number }[] }
}
