import type { Node } from 'kubernetes-types/core/v1.js'
import type { BridgeFacts } from '../../src/api/facts.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import { nodeFacts } from '../../src/kube/node.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import { objectMap } from '../../test/support/fixtures.ts'
import { restingFleet } from './fleet.ts'
import { node } from './server-fields.ts'

/** A situation of a fleet in which the plan takes another way, for so many bridges. */
export interface Situation {
  name: string
  request: (bridges: number) => SyncRequest
}

/** What befalls every bridge of a fleet at rest. */
type Fate = (pod: Pod, index: number) => Pod

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

const outdated: Fate = pod => withAnnotations(pod, { [annotation.revision]: '{"image":"-"}' })

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

/** One that has looked for a node for ten minutes, so that old ones have to make room. */
const withoutPlace: Fate = ({ spec: { nodeName: _, ...spec }, ...pod }) => ({
  ...pod,
  metadata: { ...pod.metadata, creationTimestamp: '2026-01-15T09:50:00Z' },
  spec,
  status: { phase: 'Pending' },
})

const onlyPort = { ports: { count: 1 } }

const holdingTheOnlyPort: Fate = (pod, index) =>
  withAnnotations(outdated(pod, index), { [annotation.port]: '10000' })

const full = withFacts({ stress: 1, participants: 80 })

const oneAddress = { type: 'LoadBalancer', perBridge: false }

const byStress = (maxReplicas: number) => ({
  strategy: { type: 'autoscaled', minReplicas: 2, maxReplicas },
  autoscaling: { metric: { source: 'stress' } },
})

/** Every way through the plan that looks at all bridges. */
export const situations: Situation[] = [
  { name: 'static, at rest', request: count => fleet('static', count) },
  { name: 'daemonset, at rest', request: count => fleet('daemonset', count) },
  { name: 'static, all to be made', request: count => withoutBridges('static', count) },
  { name: 'daemonset, all to be made', request: count => withoutBridges('daemonset', count) },
  {
    name: 'all outdated',
    request: count => fleet('static', count, outdated),
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
  {
    name: 'all outdated and full, no place for new ones',
    request: count =>
      fleet('static', count, (pod, index) =>
        index === 0 ? withoutPlace(pod, index) : outdated(full(pod, index), index),
      ),
  },
  {
    name: 'daemonset, all outdated, no port left',
    request: count => withJvb(fleet('daemonset', count, holdingTheOnlyPort), onlyPort),
  },
  {
    name: 'one address, more wanted than it has ports',
    request: count => withJvb(withoutBridges('static', count), { exposure: oneAddress }),
  },
  {
    name: 'another exposure, a Service each',
    request: count => withJvb(fleet('static', count), { exposure: { type: 'NodePort' } }),
  },
  {
    name: 'as many as the stress asks for',
    request: count => withJvb(fleet('static', count), byStress(count)),
  },
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
  const pods = nodes.map((home, index) => fate(bridge(first, home, index), index))
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

function bridge(first: Pod, home: KubeObject, index: number): Pod {
  const port = 10_000 + (index % 100)
  const name = `meet-jvb-${index}`
  const facts = nodeFacts(home.metadata.name, home as unknown as Node)
  const { labels, annotations } = first.metadata
  const moved = withAnnotations(first, {
    [annotation.port]: String(port),
    [annotation.node]: JSON.stringify(facts),
    [annotation.advertise]: `${facts.externalIPs[0]}#${port}`,
    ...(annotations?.[annotation.pinnedTo] ? { [annotation.pinnedTo]: facts.name } : {}),
  })
  return {
    ...moved,
    metadata: { ...moved.metadata, name, labels: { ...labels, [label.bridge]: name } },
    spec: { ...first.spec, nodeName: facts.name },
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

function withReplicas(request: SyncRequest, replicas: number): SyncRequest {
  const { strategy } = (request.parent.spec as { jvb: { strategy: object } }).jvb
  // The most ports that a Jitsi can have, so that none is without.
  return withJvb(request, { strategy: { ...strategy, replicas }, ports: { count: 1000 } })
}

function withJvb({ parent, ...request }: SyncRequest, changed: object): SyncRequest {
  const spec = parent.spec as { jvb: object }
  return { ...request, parent: { ...parent, spec: { ...spec, jvb: { ...spec.jvb, ...changed } } } }
}
