import t from 'tap'
import { annotation } from '../../src/kube/annotations.ts'
import type { Pod } from '../../src/kube/types.ts'
import { bridgePods, statusOf } from './bridge-pods.ts'
import { fleetIn, type JitsiFleet, startCampus } from './jitsi-fleet.ts'
import { referenceTo } from './kube-client.ts'
import { until } from './until.ts'

/*
 * Several Jitsis on the same nodes, each with the same range of ports: none knows of the others,
 * and what they hold is learned from the scheduler.
 */

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)

const campus = await startCampus(t)
const { client } = campus.lab.plane

const nodes = ['node-1', 'node-2']
const range = { udp: 20000, count: 2 }

/** A bridge on each node of the pool that the lab has. */
const bridgeOnEach = () => ({
  strategy: { type: 'daemonset' },
  nodeSelector: { 'example.org/pool': 'media' },
  ports: range,
})

/** Node and host port of each bridge; the scheduler lets no two be equal. */
const placesOf = (pods: readonly Pod[]) =>
  pods.flatMap(({ spec }) =>
    spec.containers.flatMap(({ ports = [] }) =>
      ports.flatMap(({ hostPort }) => (hostPort ? `${spec.nodeName} ${hostPort}` : [])),
    ),
  )

const conditionOf = async (jitsi: Parameters<typeof statusOf>[1], type: string) =>
  (await statusOf(client, jitsi)).conditions?.find(condition => condition.type === type)

await t.test('two share nodes and range: the later one takes the next port', async t => {
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async namespace => {
      const it = await fleetIn(campus, namespace, bridgeOnEach())
      await it.serving(nodes.length)
      return it
    }),
  )
  const pods = await Promise.all([first, second].map(async it => (await it?.pods()) ?? []))
  t.strictSame(
    placesOf(pods.flat()).sort(),
    nodes.flatMap(node => [`${node} 20000`, `${node} 20001`]),
  )
  for (const pod of pods.flat()) {
    const [place] = placesOf([pod])
    t.match(pod.metadata.annotations?.[annotation.advertise], `#${place?.split(' ')[1]}`)
  }
  const refused = pods.flat().map(pod => pod.metadata.annotations?.[annotation.portsRefused])
  t.equal(refused.filter(Boolean).length, nodes.length, 'one bridge of each node was refused')
  for (const it of [first, second]) {
    t.match(await (it && conditionOf(it.jitsi, 'PortsAvailable')), { status: 'True' })
  }
})

let third: JitsiFleet | undefined

await t.test('a third one is told that no port is left, and on which node', async t => {
  const it = await fleetIn(campus, 'third', bridgeOnEach())
  third = it
  const condition = await until('PortsAvailable is False', async () => {
    const found = await conditionOf(it.jitsi, 'PortsAvailable')
    return found?.status === 'False' && /20000-20001.* node node-\d/.test(found.message) && found
  })
  t.match(condition, { reason: 'PortsExhausted' })
  const others = await Promise.all(['first', 'second'].map(name => bridgePods(client, name)))
  t.equal(placesOf(others.flat()).length, 4, 'the others keep theirs')
})

await t.test('a larger range, and it finds the next ports', async t => {
  if (!third) throw new Error('there is no third Jitsi')
  const { jitsi, pods } = third
  await client.patch(referenceTo(jitsi), { spec: { jvb: { ports: { ...range, count: 3 } } } })
  const places = await until('a bridge on each node', async () => {
    const placed = (await pods()).filter(({ spec }) => spec.nodeName)
    return placed.length === nodes.length && placesOf(placed).sort()
  })
  t.strictSame(
    places,
    nodes.map(node => `${node} 20002`),
  )
  await until('it says so', async () => {
    return (await conditionOf(jitsi, 'PortsAvailable'))?.status === 'True'
  })
})
