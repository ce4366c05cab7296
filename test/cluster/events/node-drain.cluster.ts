import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { annotation } from '../../../src/kube/annotations.ts'
import { bridgeStates, factsOf, intentOf, nameOf, serves } from '../bridge-pods.ts'
import { campusOf, fleetIn, nodesFor, on } from '../campus.ts'
import type { LiveObject } from '../kube-client.ts'
import { endsByItself } from '../pod-stages.ts'
import { until } from '../until.ts'

/* Nodes are cordoned and drained, and Pods evicted: meetings end by themselves all the same. */

const campus = await campusOf(t)
const { plane } = campus.lab
const { client } = plane

async function patchNode(name: string, body: object) {
  await client.patch({ apiVersion: 'v1', kind: 'Node', name }, body)
}

/** Bridges on nodes of their own, which stop as their preStop hooks let them. */
function fleetOn(name: string, strategy: object) {
  return fleetIn(campus, name, { ...on(name), labels: { [endsByItself]: 'true' }, strategy })
}

/** The budget of the bridges, once what it allows is up to date. */
async function budgetOf(namespace: string, minAvailable: number) {
  const reference = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: 'meet-jvb' }
  return until(`a budget of ${minAvailable}`, async () => {
    const { metadata, spec, status } = (await client.get({ ...reference, namespace })) as Budget
    const seen = status?.observedGeneration === metadata.generation
    return seen && spec.minAvailable === minAvailable && status
  })
}

type Budget = LiveObject & {
  spec: { minAvailable: number }
  status?: { observedGeneration: number; disruptionsAllowed: number }
}

t.test('kubectl drain ends when the meetings on the node do', { buffered: true }, async t => {
  const [drainedNode = ''] = await nodesFor(campus, 'drained', 2)
  const it = await fleetOn('drained', { type: 'static', replicas: 4 })
  await it.serving(4)
  await it.keepBusy(4)
  const leaving = (await it.pods()).filter(({ spec }) => spec.nodeName === drainedNode)
  const staying = (await it.pods()).filter(pod => !leaving.map(nameOf).includes(nameOf(pod)))
  t.ok(leaving.length > 0)
  t.match(await budgetOf('drained', 4), { disruptionsAllowed: 0 })
  for (const pod of leaving) await t.rejects(client.evict(pod), { code: 429 }, 'refused while busy')

  const drain = startDrain(drainedNode)
  const moved = async () => {
    const serving = (await it.pods()).filter(serves)
    return serving.length === 4 && serving.every(({ spec }) => spec.nodeName !== drainedNode)
  }
  await until('others in their place', moved, { timeoutMs: 110_000 })
  // There are bridges now that nobody is on, so the budget lets as many go; these wait themselves.
  await until('the evictions', async () => {
    const pods = (await it.pods()).filter(({ spec }) => spec.nodeName === drainedNode)
    return pods.length === leaving.length && pods.every(pod => pod.metadata.deletionTimestamp)
  })
  t.ok(leaving.every(pod => it.fleet.bridge(nameOf(pod)).participants.size > 0))
  t.notOk(drain.ended(), 'kubectl waits')

  it.adjournOn(leaving)
  await drain.end
  const left = await it.serving(4)
  t.strictSame(
    left.map(uid).filter(id => staying.map(uid).includes(id)),
    staying.map(uid),
  )
  t.strictSame(it.losses(), [])
})

const uid = ({ metadata }: LiveObject) => metadata.uid

/** With the flags that docs/operations.md names. */
function startDrain(node: string) {
  let ended = false
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s']
  const access = `--kubeconfig=${plane.kubeconfig('admin')}`
  const end = promisify(execFile)(plane.kubectl, [access, 'drain', node, ...flags]).finally(() => {
    ended = true
  })
  return { end, ended: () => ended }
}

t.test(
  'a cordon alone drains the bridges of a node, and taken back it keeps them',
  { buffered: true },
  async t => {
    const [cordonedNode = ''] = await nodesFor(campus, 'cordoned', 2)
    const it = await fleetOn('cordoned', { type: 'daemonset' })
    await it.serving(2)
    await it.keepBusy(2)
    await patchNode(cordonedNode, { spec: { unschedulable: true } })
    const [drained] = await until('one drains, with its people', async () => {
      const found = (await it.draining()).filter(pod => factsOf(pod)?.draining)
      return found.length > 0 && found
    })
    t.match(drained, {
      spec: { nodeName: cordonedNode },
      metadata: { annotations: { [annotation.intentReason]: 'NodeLeaving' } },
    })
    const state = await until('its state says how many are on it', async () => {
      const pod = (await it.pods()).find(pod => uid(pod) === drained?.metadata.uid)
      const people = (pod && factsOf(pod)?.participants) ?? 0
      const found = (await bridgeStates(client, it.jitsi)).find(({ node }) => node === cordonedNode)
      const told = `waits for its meetings to end (${people} people`
      return people >= 3 && found?.message?.startsWith(told) && found
    })
    t.match(state, { state: 'Draining', reason: 'NodeLeaving' })
    t.equal((await it.pods()).length, 2, 'no other bridge can take its place')
    await patchNode(cordonedNode, { spec: { unschedulable: null } })
    const [back] = await until('it serves again', async () => {
      const found = (await it.pods()).filter(pod => intentOf(pod) === 'serve')
      return found.length === 2 && found.filter(pod => uid(pod) === drained?.metadata.uid)
    })
    t.ok(back)
    await until('it is told so', async () => {
      return (await it.pods()).every(pod => factsOf(pod)?.draining === false)
    })
    t.equal(it.fleet.bridges.filter(({ participants }) => participants.size > 0).length, 2)
    t.strictSame(it.losses(), [])
  },
)

const marksOf = ({ metadata: { annotations = {} } }: LiveObject) => ({
  safe: annotations['cluster-autoscaler.kubernetes.io/safe-to-evict'],
  karpenter: annotations['karpenter.sh/do-not-disrupt'],
})

t.test('marks say which bridge may go, and an empty one may', { buffered: true }, async t => {
  await nodesFor(campus, 'evicted', 1)
  const it = await fleetOn('evicted', { type: 'static', replicas: 2 })
  await it.serving(2)
  await it.keepBusy(1)
  const [busy, idle] = await until('the marks', async () => {
    const pods = await it.pods()
    const carries = (pod: LiveObject) => it.fleet.bridge(nameOf(pod)).participants.size > 0
    const markedRight = pods.every(pod => marksOf(pod).safe === String(!carries(pod)))
    return markedRight && [pods.find(carries), pods.find(pod => !carries(pod))]
  })
  t.strictSame(
    [busy, idle].map(pod => pod && marksOf(pod).karpenter),
    ['true', undefined],
  )
  t.match(await budgetOf('evicted', 1), { disruptionsAllowed: 1 })
  if (idle) await client.evict(idle)
  await until('it is gone', async () =>
    (await it.pods()).every(pod => uid(pod) !== idle?.metadata.uid),
  )
  t.ok((await it.serving(2)).some(pod => uid(pod) === busy?.metadata.uid))
  t.strictSame(it.losses(), [])
})
