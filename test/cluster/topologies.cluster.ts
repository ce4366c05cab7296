import t from 'tap'
import { nameOf, serves, statusOf } from './bridge-pods.ts'
import { fleetIn, type JitsiFleet, startCampus } from './jitsi-fleet.ts'
import { askTwice } from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { until } from './until.ts'

/* A Jitsi with people on it gets another topology, and bridges that serve go on serving. */

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)
t.jobs = 3

const campus = await startCampus(t)
const { client } = campus.lab.plane

const pool = 'example.test/pool'
const pools = {
  six: ['node-1', 'node-2', 'node-3'],
  grown: ['node-4', 'node-5'],
  crowded: ['node-6'],
}
for (const [name, nodes] of Object.entries(pools)) {
  const body = { metadata: { labels: { [pool]: name } } }
  for (const node of nodes) await client.patch({ apiVersion: 'v1', kind: 'Node', name: node }, body)
}

const inPool = (name: keyof typeof pools, strategy: object) =>
  fleetIn(campus, name, { nodeSelector: { [pool]: name }, strategy })

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
    const it = await inPool('six', sameSize.daemonset)
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
  const it = await inPool('grown', { type: 'static', replicas: 1 })
  const [busy] = uids(await it.serving(1))
  await it.keepBusy(1)
  await change(it, { type: 'daemonset', perNode: 2 })
  const grown = await it.serving(4)
  t.ok(uids(grown).includes(busy))
  t.strictSame(grown.map(({ spec }) => spec.nodeName).sort(), [
    'node-4',
    'node-4',
    'node-5',
    'node-5',
  ])
  await change(it, { type: 'static', replicas: 1 })
  t.strictSame(uids(await it.serving(1)), [busy])
  t.strictSame(it.losses(), [])
})

t.test('to a smaller one: what is too many drains first', { buffered: true }, async t => {
  const it = await inPool('crowded', { type: 'static', replicas: 2 })
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
