import { setTimeout as pause } from 'node:timers/promises'
import { parseNodeFacts } from '../../src/api/facts.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import { condition, silentKubelet } from '../cluster/control-plane.ts'
import { type LiveObject, referenceTo } from '../cluster/kube-client.ts'
import { until } from '../cluster/until.ts'
import { type ClusterSite, type Faults, WithoutEffect } from './fault.ts'
import { persist } from './persist.ts'
import type { World } from './world.ts'

/* What happens to machines, and so to all that runs on one of them. */

/**
 * The garbage collector looks every 20 s, and takes the Pods of a node that it finds gone, and 40 s
 * later gone again. So a node that is back is left alone for longer than that.
 */
const leftAloneMs = 90_000

/**
 * A node is gone from the API, and back before the garbage collector takes its Pods: as when a
 * cloud's controller takes a machine that restarts for one that was deleted.
 */
async function nodeLost(site: ClusterSite): Promise<void> {
  const { client } = site.world.plane
  const node = await someNode(site)
  const { name, labels } = node.metadata
  const reference = referenceTo(node)
  await persist(() => client.remove(reference))
  const told = await until('that the bridges there are told', () => isKnown(site.world, name), {
    timeoutMs: 25_000,
  }).catch(() => false)
  const { addresses, capacity, allocatable } = node.status as Record<string, unknown>
  await persist(async () => {
    await client.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, ...(labels && { labels }) },
      status: { addresses, capacity, allocatable },
    })
  })
  await until('the node back', async () => {
    const back = await client.find(reference)
    return back && condition(back, 'Ready') === 'True'
  })
  if (!told) throw new WithoutEffect('it was back before any bridge was told')
}

/**
 * The kubelet of a node is cut off while its containers run on: Kubernetes takes the node for
 * unreachable, taints it, and calls its Pods not ready. It is back before the first of them, which
 * are prosody's and jicofo's after 30 s, are evicted.
 */
async function nodeSilent(site: ClusterSite): Promise<void> {
  const { world, random } = site
  const node = await someNode(site)
  const silence = (on: '' | null) => {
    const body = { metadata: { labels: { [silentKubelet]: on } } }
    return persist(() => world.plane.client.patch(referenceTo(node), body))
  }
  const patience = { timeoutMs: 120_000 }
  await silence('')
  try {
    await until('the node unreachable', () => isCalled('unreachable', node, world), patience)
    await pause(random.between(1000, 8000))
  } finally {
    await silence(null)
  }
  await until('the node reachable', () => isCalled('reachable', node, world), patience)
}

/** Does Kubernetes say so, by the taints of the node and by all its Pods? */
async function isCalled(state: 'reachable' | 'unreachable', node: LiveObject, world: World) {
  const { metadata, spec } = await world.plane.client.get(referenceTo(node))
  const { taints = [] } = spec as { taints?: { key: string }[] }
  const isTainted = taints.some(({ key }) => key === 'node.kubernetes.io/unreachable')
  const pods = world.view.all('Pod').filter(isRunningOn(metadata.name))
  const [tainted, ready] = state === 'reachable' ? [false, 'True'] : [true, 'False']
  return isTainted === tainted && pods.every(pod => condition(pod, 'Ready') === ready)
}

/** A node with bridges that has been there for a while. */
function someNode({ world, random }: ClusterSite): Promise<LiveObject> {
  const pick = async () => {
    const nodes = await world.plane.client.list({ apiVersion: 'v1', kind: 'Node' })
    const old = nodes.filter(({ metadata }) => ageMs(metadata) > leftAloneMs)
    return random.pick(old.filter(({ metadata }) => bridgesOn(world, metadata.name).length > 0))
  }
  return until('a node that has been there for a while', pick, { timeoutMs: 2 * leftAloneMs })
}

const ageMs = ({ creationTimestamp = '' }: LiveObject['metadata']) =>
  Date.now() - Date.parse(creationTimestamp)

/** Do all bridges on that node say that it is gone? */
function isKnown(world: World, node: string): boolean {
  const bridges = bridgesOn(world, node)
  const isTold = ({ metadata }: LiveObject) =>
    parseNodeFacts(metadata.annotations?.[annotation.node])?.gone === true
  return bridges.length > 0 && bridges.every(isTold)
}

function bridgesOn({ view }: World, node: string): LiveObject[] {
  const bridges = view.all('Pod').filter(pod => pod.metadata.labels?.[label.observe] === 'jvb')
  return bridges.filter(isRunningOn(node))
}

const isRunningOn =
  (node: string) =>
  ({ metadata, spec, status }: LiveObject) =>
    (spec as { nodeName?: string }).nodeName === node &&
    (status as { phase?: string }).phase === 'Running' &&
    !metadata.deletionTimestamp

export const nodeFaults: Faults<ClusterSite> = {
  'node lost and back': nodeLost,
  'node unreachable and back': nodeSilent,
}
