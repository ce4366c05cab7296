import fc from 'fast-check'
import type { Node } from 'kubernetes-types/core/v1.js'
import { nodeFacts } from '../../src/kube/node.ts'
import type { School } from './school.ts'

/** One thing that happens to a school's cluster. */
export type Event =
  | { kind: 'meet'; participants: number; minutes: number }
  | { kind: 'scale'; replicas: number }
  | { kind: 'roll'; release: number }
  /** A change that only bridges read. */
  | { kind: 'tune'; megabytes: number }
  | { kind: 'topology'; type: 'static' | 'daemonset' | 'autoscaled' }
  | {
      kind: 'cordon' | 'uncordon' | 'drain' | 'notReady' | 'ready' | 'lose' | 'readdress'
      node: number
    }
  | { kind: 'registerAnew'; node: number; seconds: number }
  | { kind: 'crash' | 'fail' | 'loseFacts' | 'delete' | 'hang'; bridge: number }
  | { kind: 'silence'; bridge: number; seconds: number }
  | { kind: 'prosodyAway' | 'observerOutage' | 'operatorOutage'; seconds: number }

/** What happens, and how many seconds after the thing before. */
export type History = { after: number; event: Event }[]

/** Does the load, or somebody's wish, explain it, and nothing that went wrong? */
export const isTrouble = ({ kind }: Event) => !['meet', 'scale', 'roll', 'tune'].includes(kind)

const node = fc.integer({ min: 0, max: 4 })
const bridge = fc.integer({ min: 0, max: 4 })
const kinds = <K extends string>(...all: K[]) => fc.constantFrom(...all)

const meetings: fc.Arbitrary<Event> = fc.record({
  kind: kinds('meet'),
  participants: fc.integer({ min: 2, max: 14 }),
  minutes: fc.integer({ min: 5, max: 50 }),
})

const wishes: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: kinds('scale'), replicas: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: kinds('scale'), replicas: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: kinds('roll'), release: fc.integer({ min: 11200, max: 11203 }) }),
  fc.record({ kind: kinds('tune'), megabytes: fc.integer({ min: 1000, max: 1003 }) }),
)

const troubles: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: kinds('cordon', 'uncordon', 'drain', 'notReady', 'ready', 'lose', 'readdress'),
    node,
  }),
  fc.record({ kind: kinds('registerAnew'), node, seconds: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: kinds('crash', 'fail', 'loseFacts', 'delete', 'hang'), bridge }),
  fc.record({ kind: kinds('silence'), bridge, seconds: fc.integer({ min: 10, max: 900 }) }),
  fc.record({ kind: kinds('prosodyAway'), seconds: fc.integer({ min: 20, max: 400 }) }),
  fc.record({
    kind: kinds('observerOutage', 'operatorOutage'),
    seconds: fc.integer({ min: 10, max: 1800 }),
  }),
  fc.record({ kind: kinds('topology'), type: kinds('static', 'daemonset', 'autoscaled') }),
)

/** As many meetings as all else; between two things a minute or an hour passes. */
const historyOf = (events: fc.Arbitrary<Event>): fc.Arbitrary<History> =>
  fc.array(
    fc.record({
      after: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 60, max: 2400 })),
      event: fc.oneof(meetings, events),
    }),
    { minLength: 4, maxLength: 24 },
  )

/** Meetings, scaling and rollouts: nothing goes wrong. */
export const calmHistory = historyOf(wishes)

/** All of that, and what goes wrong in a real cluster. */
export const roughHistory = historyOf(fc.oneof(wishes, troubles))

/** Makes one thing happen. */
export function happen(school: School, event: Event): void {
  const { cluster, fleet, timeline } = school
  if (event.kind === 'meet') fleet.people.arrive({ room: `room-${timeline.seconds}`, ...event })
  else if (event.kind === 'scale')
    school.change({ jvb: { strategy: { replicas: event.replicas } } })
  else if (event.kind === 'topology') school.change({ jvb: { strategy: { type: event.type } } })
  else if (event.kind === 'roll') school.change({ image: { tag: `stable-${event.release}` } })
  else if (event.kind === 'tune') {
    school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: `${event.megabytes}m` } })
  } else if (event.kind === 'prosodyAway') fleet.restartSignalling(0, event.seconds)
  else if ('node' in event) toNode(school, event)
  else if ('bridge' in event) toBridge(school, event)
  else {
    cluster.decorator.outageUntil = timeline.seconds + event.seconds
    if (event.kind === 'operatorOutage') {
      cluster.composite.outageUntil = timeline.seconds + event.seconds
    }
  }
}

function toNode(school: School, event: Extract<Event, { node: number }>): void {
  const { cluster } = school
  const { kind } = event
  const all = cluster.store.list('Node').map(({ metadata }) => metadata.name)
  const name = all[event.node % all.length]
  if (name === undefined || cluster.kubelet.deadNodes.has(name)) return
  if (kind === 'cordon' || kind === 'uncordon') cluster.nodes.cordon(name, kind === 'cordon')
  else if (kind === 'drain') cluster.nodes.drain(name)
  else if (kind === 'registerAnew') {
    // One that nobody hears of can't.
    const object = cluster.store.get('Node', name) as Node
    if (nodeFacts(name, object).ready) cluster.nodes.registerAnew(name, event.seconds)
  } else if (kind === 'lose') loseNode(school, name)
  else if (kind === 'readdress') readdress(school, name)
  else cluster.nodes.notReady(name, kind === 'notReady')
}

/** The cloud gives the node another public address. */
function readdress({ cluster, timeline }: School, name: string): void {
  const node = cluster.store.get('Node', name)
  if (!node) return
  const address = `198.18.${Math.floor(timeline.seconds / 256) % 256}.${Math.floor(timeline.seconds) % 256}`
  cluster.store.patch(node, current => ({
    ...current,
    status: { ...(current.status as object), addresses: [{ type: 'ExternalIP', address }] },
  }))
}

/** The machine dies, and a quarter of an hour later its owner takes it away and sets up another. */
function loseNode({ cluster, timeline }: School, name: string): void {
  cluster.nodes.fail(name)
  timeline.in(900, () => {
    cluster.nodes.remove(name)
    cluster.nodes.add({ name: `node-of-${Math.floor(timeline.seconds)}`, cpus: 8 })
  })
}

function toBridge({ cluster, fleet }: School, event: Extract<Event, { bridge: number }>): void {
  const running = fleet.bridges.filter(({ process }) => process === 'Running')
  const bridge = running[event.bridge % Math.max(1, running.length)]
  if (!bridge) return
  const pod = cluster.bridgePods.find(({ metadata }) => metadata.name === bridge.name)
  const stands = pod && !pod.metadata.deletionTimestamp
  if (event.kind === 'crash') fleet.crashBridge(bridge.name)
  else if (event.kind === 'silence') fleet.silence(bridge.name, event.seconds)
  else if (event.kind === 'fail' && stands) cluster.failPod(bridge.name)
  else if (event.kind === 'loseFacts' && stands) cluster.decorator.loseFacts(pod)
  else if (stands) {
    if (event.kind === 'hang') cluster.kubelet.hanging.add(bridge.name)
    cluster.remove(pod)
  }
}

/** Ends all troubles, lets the last meeting end, and the fleet come to rest. */
export async function settle(
  school: School,
  run: (seconds: number) => Promise<void>,
): Promise<void> {
  const { cluster } = school
  for (const { metadata } of cluster.store.list('Node')) {
    if (cluster.kubelet.deadNodes.has(metadata.name)) continue
    cluster.nodes.cordon(metadata.name, false)
    cluster.nodes.notReady(metadata.name, false)
  }
  school.staleness = 0
  // Outages, and nodes that died, last half an hour at most.
  await run(1800)
  await untilQuiet(school, run)
  const hung = cluster.bridgePods.filter(({ metadata }) =>
    cluster.kubelet.hanging.has(metadata.name),
  )
  for (const pod of hung) if (pod.metadata.deletionTimestamp) cluster.store.remove(pod)
  await untilQuiet(school, run)
}

/** Lets time pass until nothing was written for longer than a drain takes, two hours at most. */
async function untilQuiet(school: School, run: (seconds: number) => Promise<void>): Promise<void> {
  const { composite, decorator } = school.cluster
  const count = () => JSON.stringify([composite.writes, decorator.writes])
  for (let turn = 0; turn < 5; turn++) {
    const before = count()
    await run(1500)
    if (before === count()) return
  }
}
