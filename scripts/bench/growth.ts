import type { BridgeFacts } from '../../src/api/facts.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import { objectMap } from '../../test/support/fixtures.ts'
import { inputs, restingFleet } from './fleet.ts'
import { node } from './server-fields.ts'

/** A situation of a fleet in which the plan takes another way, for so many bridges. */
export interface Situation {
  name: string
  request: (bridges: number) => SyncRequest
}

/** What befalls every bridge of a fleet at rest. */
type Fate = (pod: Pod) => Pod

const withFacts =
  (change: Partial<BridgeFacts>): Fate =>
  pod => {
    const facts = JSON.parse(pod.metadata.annotations?.[annotation.facts] ?? '{}') as object
    return withAnnotations(pod, { [annotation.facts]: JSON.stringify({ ...facts, ...change }) })
  }

const withAnnotations = (pod: Pod, annotations: Record<string, string>): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
})

const draining: Fate = pod =>
  withAnnotations(pod, {
    [annotation.intent]: 'drain',
    [annotation.intentReason]: 'ScaleIn',
    [annotation.drainingSince]: '2026-01-15T08:30:00Z',
    [annotation.drainDeadline]: '1',
  })

const refused: Fate = ({ spec: { nodeName: _, ...spec }, ...pod }) => ({
  ...pod,
  spec,
  status: {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', message: "0/9 nodes: didn't have free ports" },
    ],
  },
})

/** Every way through the plan that looks at all bridges. */
export const situations: Situation[] = [
  { name: 'static, at rest', request: count => fleet('static', count) },
  { name: 'daemonset, at rest', request: count => fleet('daemonset', count) },
  { name: 'static, all to be made', request: count => withoutBridges('static', count) },
  { name: 'daemonset, all to be made', request: count => withoutBridges('daemonset', count) },
  {
    name: 'all outdated',
    request: count =>
      fleet('static', count, pod =>
        withAnnotations(pod, { [annotation.revision]: '{"image":"-"}' }),
      ),
  },
  { name: 'all draining, past the deadline', request: count => fleet('static', count, draining) },
  {
    name: 'all ended',
    request: count => fleet('static', count, pod => ({ ...pod, status: { phase: 'Failed' } })),
  },
  { name: 'all silent', request: count => fleet('static', count, withFacts({ reachable: false })) },
  {
    name: 'all without XMPP',
    request: count => fleet('static', count, withFacts({ mucsJoined: 0 })),
  },
  { name: 'all refused their port', request: count => fleet('static', count, refused) },
  { name: 'none wanted any more', request: count => withReplicas(fleet('static', count), 0) },
]

/** A fleet at rest of any size: a small one, its bridge repeated. */
function fleet(
  strategy: 'static' | 'daemonset',
  count: number,
  fate: Fate = pod => pod,
): SyncRequest {
  const { request } = restingFleet({ bridges: 1, strategy, lean: true })
  const [first] = Object.values(request.children['Pod.v1'] ?? {}) as Pod[]
  if (!first) throw new Error('a fleet at rest has a bridge')
  const nodes = Array.from({ length: count }, (_, index) => node(index))
  const pods = nodes.map((home, index) => fate(bridge(first, home, index)))
  const related = strategy === 'daemonset' ? objectMapOf(nodes) : {}
  return withReplicas(
    {
      ...request,
      children: { ...request.children, ...objectMapOf(pods) },
      related: { ...request.related, ...related },
    },
    count,
  )
}

function bridge(first: Pod, { metadata: { name: nodeName } }: KubeObject, index: number): Pod {
  const name = `meet-jvb-${index}`
  const { labels, annotations } = first.metadata
  return {
    ...first,
    metadata: {
      ...first.metadata,
      name,
      labels: { ...labels, [label.bridge]: name },
      annotations: {
        ...annotations,
        [annotation.port]: String(10_000 + (index % 100)),
        ...(annotations?.[annotation.pinnedTo] ? { [annotation.pinnedTo]: nodeName } : {}),
      },
    },
    spec: { ...first.spec, nodeName },
  }
}

/** Like objectMap of the tests, which copies the map for each object. */
function objectMapOf(objects: readonly KubeObject[]): SyncRequest['children'] {
  const [first] = objects
  if (!first) return {}
  const [kind = ''] = Object.keys(objectMap([first]))
  const entries = objects.map(object => {
    const { namespace, name } = object.metadata
    return [namespace ? `${namespace}/${name}` : name, object]
  })
  return { [kind]: Object.fromEntries(entries) }
}

function withoutBridges(strategy: 'static' | 'daemonset', count: number): SyncRequest {
  const request = fleet(strategy, count)
  return { ...request, children: { ...request.children, 'Pod.v1': {} } }
}

function withReplicas({ parent, ...request }: SyncRequest, replicas: number): SyncRequest {
  const spec = parent.spec as { jvb: { strategy: object; ports: object } }
  // The most ports that a Jitsi can have, so that none is without.
  const jvb = { ...spec.jvb, strategy: { ...spec.jvb.strategy, replicas }, ports: { count: 1000 } }
  return { ...request, parent: { ...parent, spec: { ...spec, jvb } } }
}

/** CPU milliseconds of one plan in this process, the least of a few; a slow one is measured once. */
export function planCost(request: SyncRequest): number {
  const times: number[] = []
  while (times.length < 5 && times.reduce((sum, time) => sum + time, 0) < 1000) {
    const before = process.cpuUsage()
    reconcile(request, inputs)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000)
  }
  return Math.min(...times)
}
