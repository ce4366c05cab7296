import type { Day } from '../bridges/day.ts'
import type { Event, History } from '../bridges/history.ts'
import type { PartialSpec } from '../bridges/school.ts'

/** One line of the product made wrong, and the law of `test/bridges` that must notice. */
export interface Mutant {
  /** What it does wrong. */
  name: string
  file: string
  /** Occurs once in the file. */
  from: string
  to: string
  /** The name of the law. */
  law: string
  /** A day on which it shows. */
  day: Day
}

/** A day with these events, so many seconds apart, at a school with three bridges. */
function day(history: History, jvb: PartialSpec = {}): Day {
  return {
    jvb: {
      strategy: { type: 'static', replicas: 3 },
      drain: { timeout: '10m' },
      ...jvb,
    },
    staleness: 0,
    seed: 1,
    history,
  }
}

const bridges = (replicas: number): PartialSpec => ({ strategy: { type: 'static', replicas } })
const then = (after: number, event: Event) => ({ after, event })
const meet = (participants: number, after = 20) =>
  then(after, { kind: 'meet', participants, minutes: 50 })
const scale = (replicas: number, after = 120) => then(after, { kind: 'scale', replicas })
const tune = then(60, { kind: 'tune', megabytes: 1001 })
const meetings = [meet(14), meet(2), meet(6)]

const jvb = (file: string) => `src/components/jvb/${file}.ts`

/** For each law at least one mistake that it alone notices. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a Pod that somebody deletes has two minutes',
    file: jvb('template'),
    from: 'terminationGracePeriodSeconds: bridgeStopSeconds(context)',
    to: 'terminationGracePeriodSeconds: 120',
    law: 'no meeting is moved or cut before its deadline',
    day: day([...meetings, then(120, { kind: 'delete', bridge: 0 })]),
  },
  {
    name: 'the deadline of a drain is a minute from its begin',
    file: jvb('objects'),
    from: 'secondsOf(spec.jvb.drain.timeout) * 1000',
    to: '60 * 1000',
    law: 'no meeting is moved or cut before its deadline',
    day: day([...meetings, scale(1)]),
  },
  {
    name: 'a draining bridge counts as empty',
    file: jvb('state'),
    from: 'facts.empty && facts.draining',
    to: 'facts.draining',
    law: 'a bridge with people on it is not removed before its deadline',
    day: day([...meetings, scale(1)]),
  },
  {
    name: 'a running bridge is removed without a drain',
    file: jvb('group-plan'),
    from: 'return neverStarted(bridge)',
    to: "return bridge.state !== 'Starting'",
    law: 'a bridge with people on it is not removed before its deadline',
    day: day([...meetings, scale(1)]),
  },
  {
    name: 'a silent bridge is removed though jicofo knows it',
    file: jvb('lost'),
    from: 'knowsAll && jicofo.operationalBridges <= counted',
    to: 'knowsAll',
    law: 'a bridge with people on it is not removed before its deadline',
    day: day([...meetings, then(120, { kind: 'silence', bridge: 0, seconds: 900 })]),
  },
  {
    name: 'a bridge is evacuated though no other serves',
    file: jvb('room'),
    from: 'others > 0 && moved / others < 0.8',
    to: 'true',
    law: 'whom we move finds another bridge at once',
    day: day([meet(6), scale(0)], bridges(1)),
  },
  {
    name: 'no pause between two evacuations',
    file: jvb('evacuation'),
    from: 'const pauseSeconds = 21',
    to: 'const pauseSeconds = 0',
    law: 'bridges are evacuated one at a time, 20 s apart',
    day: day([...meetings, meet(9), scale(1)], bridges(4)),
  },
  {
    name: 'the fullest bridge goes first',
    file: jvb('victim-order'),
    from: 'compare(participantsOf(a), participantsOf(b)) ||',
    to: 'compare(participantsOf(b), participantsOf(a)) ||',
    law: 'a serving bridge is never removed while a better victim exists',
    day: day([...meetings, scale(1)]),
  },
  {
    name: 'the oldest number goes first, used or not',
    file: jvb('victim-order'),
    from: 'Number(neverServed(b)) - Number(neverServed(a)) ||',
    to: '0 ||',
    law: 'a serving bridge is never removed while a better victim exists',
    day: day([scale(4), scale(3, 3)]),
  },
  {
    name: 'no draining bridge is taken back',
    file: jvb('group-plan'),
    from: 'const back = missing > 0 ?',
    to: 'const back = missing > 99 ?',
    law: 'a draining bridge that may serve again does so before a new one is made',
    day: day([...meetings, scale(1), scale(3, 60)]),
  },
  {
    name: 'one old bridge too many drains',
    file: jvb('replacing'),
    from: 'const free = Math.max(0, serving - group.desired)',
    to: 'const free = Math.max(0, serving - group.desired + 1)',
    law: 'never fewer serving than wanted because of a rollout',
    day: day([...meetings, tune]),
  },
  {
    name: 'new bridges count as serving while they start',
    file: jvb('replacing'),
    from: 'const serving = active.filter(surelyServes).length',
    to: 'const serving = active.length',
    law: 'never fewer serving than wanted because of a rollout',
    day: day([...meetings, tune]),
  },
  {
    name: 'an old bridge makes room for one that has its place',
    file: jvb('replacing'),
    from: 'roles.old.length > 0 && !waits &&',
    to: 'roles.old.length > 0 &&',
    law: 'never fewer serving than wanted because of a rollout',
    day: day([tune], { strategy: { type: 'daemonset' }, ports: { count: 2 } }),
  },
  {
    name: 'a draining bridge with many people is taken back, wanted or not',
    file: jvb('group-plan'),
    from: 'const missing = group.desired - roles.active.filter(isPlaced).length\n',
    to: 'const missing = group.desired - roles.active.filter(isPlaced).length + Number(roles.draining.some(bridge => participantsOf(bridge) > 3))\n',
    law: 'bridges are not drained and taken back more than load explains',
    day: day([...meetings, scale(1)]),
  },
  {
    name: 'four bridges are made for each that is missing',
    file: jvb('group-plan'),
    from: '{ length: Math.max(0, missing - withheld) }',
    to: '{ length: 4 * Math.max(0, missing - withheld) }',
    law: 'no more than twice as many bridges as are wanted, and three, are made in a minute',
    day: day([scale(3)]),
  },
  {
    name: 'nothing is frozen while prosody is away',
    file: jvb('fleet'),
    from: 'if (isFrozen(bridges, lockedOut)) {',
    to: 'if (bridges.length > 99) {',
    law: 'while prosody is away nothing is removed, drained or taken back',
    day: day([...meetings, scale(1), then(60, { kind: 'prosodyAway', seconds: 300 })]),
  },
  {
    name: 'two bridges may have one port of the load balancer',
    file: jvb('ports'),
    from: 'range.find(port => usesOf(port) === 0 && allowed(port))',
    to: 'range.find(port => usesOf(port) < 2 && allowed(port))',
    law: 'no two bridges hold one port of one node or load balancer',
    day: day([tune], { exposure: { type: 'LoadBalancer' } }),
  },
  {
    name: 'a new address is written over the one that the bridge was started with',
    file: jvb('objects'),
    from: 'if (written) return {}',
    to: 'if (written === "") return {}',
    law: 'the port, address and spec of a bridge never change',
    day: day([then(60, { kind: 'readdress', node: 0 })]),
  },
  {
    name: 'a bridge that drains is said to start until it is empty',
    file: jvb('state'),
    from: "if (intent === 'drain') return isEmpty(observation) ? 'Empty' : 'Draining'",
    to: "if (intent === 'drain') return isEmpty(observation) ? 'Empty' : 'Starting'",
    law: 'the state of a bridge changes as docs/bridges.md shows',
    day: day([meet(4), scale(1)]),
  },
  {
    name: 'empty bridges stay',
    file: jvb('ended'),
    from: "if (bridge.state === 'Empty') return",
    to: 'if (false) return',
    law: 'the fleet comes to rest with as many bridges as wanted, and then writes nothing',
    day: day([scale(1)]),
  },
  {
    name: 'the decision about node autoscalers changes with the clock',
    file: jvb('objects'),
    from: '...evictionAnnotations(bridge),',
    to: '...evictionAnnotations(bridge), clock: context.now.toISOString().slice(0, 15),',
    law: 'the fleet comes to rest with as many bridges as wanted, and then writes nothing',
    day: day([]),
  },
]
