import fc from 'fast-check'
import { bridges, type School } from './school.ts'

/** One thing that happens to a school's cluster. */
export type Event =
  | { kind: 'meet'; participants: number; minutes: number }
  | { kind: 'scale'; replicas: number }
  | { kind: 'roll'; release: number }
  /** A change that only bridges read. */
  | { kind: 'tune'; megabytes: number }
  | { kind: 'cordon' | 'uncordon' | 'notReady' | 'ready'; node: number }
  | { kind: 'crash' | 'fail' | 'loseFacts'; bridge: number }
  | { kind: 'silence'; bridge: number; seconds: number }
  | { kind: 'restartProsody' }
  | { kind: 'observerOutage'; seconds: number }

/** What happens, and how many seconds after the thing before. */
export type History = { after: number; event: Event }[]

const node = fc.integer({ min: 1, max: 5 })
const bridge = fc.integer({ min: 0, max: 4 })

const calm: fc.Arbitrary<Event>[] = [
  fc.record({
    kind: fc.constant('meet' as const),
    participants: fc.integer({ min: 2, max: 12 }),
    minutes: fc.integer({ min: 5, max: 45 }),
  }),
  fc.record({ kind: fc.constant('scale' as const), replicas: fc.integer({ min: 1, max: 4 }) }),
]

const rolls: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('roll' as const),
  release: fc.integer({ min: 11200, max: 11203 }),
})

const tunings: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('tune' as const),
  megabytes: fc.integer({ min: 1000, max: 1003 }),
})

const troubles: fc.Arbitrary<Event>[] = [
  fc.record({ kind: fc.constantFrom('cordon' as const, 'uncordon' as const), node }),
  fc.record({ kind: fc.constantFrom('notReady' as const, 'ready' as const), node }),
  fc.record({
    kind: fc.constantFrom('crash' as const, 'fail' as const, 'loseFacts' as const),
    bridge,
  }),
  fc.record({
    kind: fc.constant('silence' as const),
    bridge,
    seconds: fc.integer({ min: 10, max: 500 }),
  }),
  fc.constant({ kind: 'restartProsody' as const }),
  fc.record({
    kind: fc.constant('observerOutage' as const),
    seconds: fc.integer({ min: 10, max: 900 }),
  }),
]

const historyOf = (events: fc.Arbitrary<Event>): fc.Arbitrary<History> =>
  fc.array(fc.record({ after: fc.integer({ min: 1, max: 600 }), event: events }), {
    minLength: 3,
    maxLength: 15,
  })

/** Meetings, scaling and rollouts: nothing goes wrong. */
export const calmHistory = historyOf(fc.oneof(...calm, calm[0] ?? rolls, rolls, tunings))

/** All of that, and what goes wrong in a real cluster. */
export const roughHistory = historyOf(
  fc.oneof(...calm, calm[0] ?? rolls, rolls, tunings, ...troubles),
)

/** Lets a history happen; `watch` is asked about the state every ten seconds. */
export async function live(
  school: School,
  history: History,
  watch: (school: School) => void,
): Promise<void> {
  const run = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 10) {
      await school.cluster.run(Math.min(10, seconds - passed))
      watch(school)
    }
  }
  await run(120)
  for (const { after, event } of history) {
    await run(after)
    happen(school, event)
  }
}

/** Ends all troubles and all meetings, and lets the fleet come to rest. */
export async function settle(school: School): Promise<void> {
  for (let number = 1; number <= 5; number++) {
    school.cluster.cordon(`node-${number}`, false)
    school.cluster.notReady(`node-${number}`, false)
  }
  school.staleness = 0
  await school.cluster.run(2 * 3600)
}

function happen(school: School, event: Event): void {
  const { cluster, fleet } = school
  if (event.kind === 'meet') {
    fleet.arrive({ room: `room-${school.timeline.seconds}`, ...event })
    return
  }
  if (event.kind === 'scale') {
    school.apply(bridges(event.replicas))
    return
  }
  if (event.kind === 'roll') {
    school.apply({ image: { tag: `stable-${event.release}` } })
    return
  }
  if (event.kind === 'tune') {
    school.apply({ variables: { VIDEOBRIDGE_MAX_MEMORY: `${event.megabytes}m` } })
    return
  }
  if (event.kind === 'restartProsody') {
    fleet.restartSignalling(0, 40)
    return
  }
  if (event.kind === 'observerOutage') {
    cluster.decorator.outageUntil = school.timeline.seconds + event.seconds
    return
  }
  if ('node' in event) toNode(school, event)
  else toBridge(school, event)
}

function toNode({ cluster }: School, { kind, node }: Extract<Event, { node: number }>): void {
  const name = `node-${node}`
  if (kind === 'cordon' || kind === 'uncordon') cluster.cordon(name, kind === 'cordon')
  else cluster.notReady(name, kind === 'notReady')
}

function toBridge({ cluster, fleet }: School, event: Extract<Event, { bridge: number }>): void {
  const running = fleet.bridges.filter(({ process }) => process === 'Running')
  const bridge = running[event.bridge % Math.max(1, running.length)]
  if (!bridge) return
  if (event.kind === 'crash') {
    fleet.crashBridge(bridge.name)
    return
  }
  if (event.kind === 'silence') {
    fleet.silence(bridge.name, event.seconds)
    return
  }
  const pod = cluster.bridgePods.find(({ metadata }) => metadata.name === bridge.name)
  if (!pod || pod.metadata.deletionTimestamp) return
  if (event.kind === 'fail') cluster.failPod(bridge.name)
  else cluster.decorator.loseFacts(pod)
}
