import t from 'tap'
import { nameOf, serves, statusOf } from '../bridge-pods.ts'
import { campusOf, fleetIn, type JitsiFleet, nodesFor, on } from '../campus.ts'
import { askTwice } from '../jitsi-lab.ts'
import { type LiveObject, referenceTo } from '../kube-client.ts'
import { until } from '../until.ts'

/* A Jitsi with people on it gets another topology, and bridges that serve go on serving. */

const campus = await campusOf(t)
const { client } = campus.lab.plane

/** On nodes of its own. */
async function fleetOn(name: string, nodes: number, strategy: object) {
  const names = await nodesFor(campus, name, nodes)
  const it = await fleetIn(campus, name, { ...on(name), strategy })
  return { nodes: names, ...it }
}

/** Gives it another strategy, and waits until the plan has seen that and what came of it. */
async function change({ jitsi }: JitsiFleet, strategy: object) {
  const { metadata } = await client.patch(referenceTo(jitsi), { spec: { jvb: { strategy } } })
  await until('the change is seen', async () => {
    const { observedGeneration = 0 } = await statusOf(client, jitsi)
    return observedGeneration >= (metadata.generation ?? 0)
  })
  await askTwice(campus.lab, jitsi)
}

const uids = (pods: readonly LiveObject[]) => pods.map(({ metadata }) => metadata.uid)

const sameSize = {
  static: { type: 'static', replicas: 3 },
  daemonset: { type: 'daemonset' },
  autoscaled: { type: 'autoscaled', minReplicas: 3, maxReplicas: 6 },
}

t.test(
  'from any topology to any other of the same size, nothing moves',
  { buffered: true },
  async t => {
    const it = await fleetOn('six', 3, sameSize.daemonset)
    const before = uids(await it.serving(3))
    await it.keepBusy(3)
    const autoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }
    for (const type of [
      'static',
      'autoscaled',
      'daemonset',
      'autoscaled',
      'static',
      'daemonset',
    ] as const) {
      await change(it, sameSize[type])
      t.strictSame(uids(await it.pods()), before, `${type}: the same bridges`)
      t.ok((await it.pods()).every(serves), `${type}: all of them serve`)
      const { fleet } = await statusOf(client, it.jitsi)
      t.match(fleet, { desired: 3, serving: 3, draining: 0 }, type)
      const autoscalers = await client.list(autoscaler, { namespace: 'six' })
      t.equal(autoscalers.length, type === 'autoscaled' ? 1 : 0, `${type}: an autoscaler, or none`)
    }
    t.strictSame(it.losses(), [])
  },
)

t.test('to a larger one and back: the bridge with people stays', { buffered: true }, async t => {
  const it = await fleetOn('grown', 2, { type: 'static', replicas: 1 })
  const [busy] = uids(await it.serving(1))
  await it.keepBusy(1)
  await change(it, { type: 'daemonset', perNode: 2 })
  const grown = await it.serving(4)
  t.ok(uids(grown).includes(busy))
  t.strictSame(
    grown.map(({ spec }) => spec.nodeName).sort(),
    it.nodes.flatMap(node => [node, node]).sort(),
  )
  await change(it, { type: 'static', replicas: 1 })
  t.strictSame(uids(await it.serving(1)), [busy])
  t.strictSame(it.losses(), [])
})

t.test('to a smaller one: what is too many drains first', { buffered: true }, async t => {
  const it = await fleetOn('crowded', 1, { type: 'static', replicas: 2 })
  await it.serving(2)
  await it.keepBusy(2)
  await change(it, { type: 'daemonset' })
  const [leaving] = await until('one drains, with its people', async () => {
    const found = await it.draining()
    return found.length === 1 && found
  })
  t.equal((await it.pods()).filter(serves).length, 1)
  t.ok(leaving && it.fleet.bridge(nameOf(leaving)).participants.size > 0)
  if (leaving) it.adjournOn([leaving])
  await it.serving(1)
  t.strictSame(it.losses(), [])
})
