import { NodeFacts, parseFacts } from '../../src/api/facts.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import { condition } from '../cluster/control-plane.ts'
import type { LiveObject } from '../cluster/kube-client.ts'
import { until } from '../cluster/until.ts'
import type { ClusterSite } from './fault.ts'
import { persist } from './lane.ts'

/**
 * The garbage collector looks every 20 s, and takes the Pods of a node that it finds gone, and 40 s
 * later gone again. So a node that is back is left alone for longer than that.
 */
const leftAloneMs = 90_000

/**
 * A node is gone from the API, and back before the garbage collector takes its Pods: as when a
 * cloud's controller takes a machine that restarts for one that was deleted.
 */
export async function nodeLost({ world, random }: ClusterSite): Promise<void> {
  const { client } = world.plane
  const node = await until('a node that has been there for a while', async () => {
    const nodes = await persist(() => client.list({ apiVersion: 'v1', kind: 'Node' }))
    return random.pick(nodes.filter(({ metadata }) => ageMs(metadata) > leftAloneMs))
  })
  const { name, labels } = node.metadata
  const reference = { apiVersion: 'v1', kind: 'Node', name }
  await persist(() => client.remove(reference))
  await until('that the bridges there are told', async () => isKnown(world, name), {
    timeoutMs: 15_000,
  }).catch(() => {})
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
}

const ageMs = ({ creationTimestamp = '' }: LiveObject['metadata']) =>
  Date.now() - Date.parse(creationTimestamp)

/** Do all bridges on that node say that it is gone? */
function isKnown({ view }: ClusterSite['world'], node: string): boolean {
  const pods = view.all('Pod').filter(pod => isBridgeOn(pod, node))
  return pods.every(({ metadata }) => {
    return parseFacts(NodeFacts, metadata.annotations?.[annotation.node])?.gone
  })
}

const isBridgeOn = ({ metadata, spec }: LiveObject, node: string) =>
  metadata.labels?.[label.observe] === 'jvb' && (spec as { nodeName?: string }).nodeName === node
