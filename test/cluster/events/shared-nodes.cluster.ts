import t, { type Test } from 'tap'
import { annotation } from '../../../src/kube/annotations.ts'
import type { Pod } from '../../../src/kube/types.ts'
import { bridgePods, statusOf } from '../bridge-pods.ts'
import { campusOf, fleetIn, type JitsiFleet, nodesFor, on } from '../campus.ts'
import { referenceTo } from '../kube-client.ts'
import { until } from '../until.ts'

/*
 * Several Jitsis on the same nodes, each with the same range of ports: none knows of the others,
 * and what they hold is learned from the scheduler.
 */

const campus = await campusOf(t)
const { client } = campus.lab.plane

const nodes = await nodesFor(campus, 'shared', 2)
const range = { udp: 20000, count: 2 }

const bridgeOnEach = () => ({ strategy: { type: 'daemonset' }, ...on('shared'), ports: range })

/** Node and host port of each bridge; the scheduler lets no two be equal. */
const placesOf = (pods: readonly Pod[]) =>
  pods.flatMap(({ spec }) =>
    spec.containers.flatMap(({ ports = [] }) =>
      ports.flatMap(({ hostPort }) => (hostPort ? `${spec.nodeName} ${hostPort}` : [])),
    ),
  )

const conditionOf = async (jitsi: Parameters<typeof statusOf>[1], type: string) =>
  (await statusOf(client, jitsi)).conditions?.find(condition => condition.type === type)

t.test('Jitsis that share nodes and a range of ports', { buffered: true }, async t => {
  await t.test('two find a port each: the later one takes the next', twoFindPorts)
  const third = await fleetIn(campus, 'third', bridgeOnEach())
  await t.test('a third one is told that none is left, and on which node', t =>
    thirdFindsNone(t, third),
  )
  await t.test('with a larger range it finds the next ones', t => thirdFindsMore(t, third))
})

/** Two Jitsis; of their bridges on a node one was refused, and took the next port. */
async function twoFindPorts(t: Test) {
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
}

/** A third one, and nothing for it. */
async function thirdFindsNone(t: Test, it: JitsiFleet) {
  const condition = await until('PortsAvailable is False', async () => {
    const found = await conditionOf(it.jitsi, 'PortsAvailable')
    return found?.status === 'False' && /20000-20001.* node node-\d/.test(found.message) && found
  })
  t.match(condition, { reason: 'PortsExhausted' })
  const others = await Promise.all(['first', 'second'].map(name => bridgePods(client, name)))
  t.equal(placesOf(others.flat()).length, 4, 'the others keep theirs')
}

/** A larger range for the third one. */
async function thirdFindsMore(t: Test, { jitsi, pods }: JitsiFleet) {
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
}
