import { annotation } from '../../src/kube/annotations.ts'
import type { Departure } from '../../src/simulation/fleet/tally.ts'
import { isTrouble } from './history.ts'
import type { Law } from './law.ts'
import type { Seen } from './look.ts'
import type { School } from './school.ts'

/*
 * What people notice. These laws look at the meetings themselves, not at what the plan knows of
 * them; what dies without us (a crash, a lost node, an eviction by force) is not ours to answer for.
 */

/** Seconds that facts may be behind the truth: a look every 10 s, a write, a cache that lags. */
const factsLag = 25

/** Deadlines are written in whole seconds. */
const rounding = 2

/** How long others may take to notice what went wrong, and to be well again. */
const aftermath = 180

/**
 * Until when the people of a bridge may stay, by its name and in seconds: so long after somebody
 * first wanted it to go. Not read from what the plan wrote of it.
 */
function deadlinesOf({ cluster, timeline, drainSeconds }: School): ReadonlyMap<string, number> {
  const deadlines = new Map<string, number>()
  cluster.store.watch(({ before, after }) => {
    if (after?.kind !== 'Pod') return
    const { name, deletionTimestamp, annotations = {} } = after.metadata
    const goes = annotations[annotation.intent] === 'drain' || deletionTimestamp !== undefined
    if (!before || !goes) deadlines.delete(name)
    if (goes && !deadlines.has(name)) deadlines.set(name, timeline.seconds + drainSeconds)
  })
  return deadlines
}

/** Whoever stops a bridge, its people have until the deadline of its drain. */
const nobodyBeforeTheDeadline: Law = {
  name: 'no meeting is moved or cut before its deadline',
  watch: (school, broken) => {
    const { departures } = school.fleet.tally()
    let judged = 0
    let deadlines: ReadonlyMap<string, number> = new Map()
    const judge = () => {
      for (const { cause, bridge, at } of departures.slice(judged)) {
        const deadline = deadlines.get(bridge) ?? Number.NaN
        if (cause === 'Terminated' && !(at >= deadline - rounding)) {
          broken(`${bridge} left its people at ${at}, its deadline was ${deadline}`)
        }
      }
      judged = departures.length
    }
    // Judged before a change of the Pod, or another one of its name, changes the deadline.
    school.cluster.store.watch(judge)
    deadlines = deadlinesOf(school)
    return { end: judge }
  },
}

/** Past the deadline people are moved, and there is a bridge for each of them. */
const evacuatedToOthers: Law = {
  name: 'whom we move finds another bridge at once',
  watch: (school, broken) => {
    let troubled = Number.NEGATIVE_INFINITY
    const evacuated = new Map<string, number>()
    return {
      event: event => {
        if (isTrouble(event)) troubled = school.timeline.seconds
      },
      plan: ({ bridges }) => {
        for (const { name, answered, decision } of bridges) {
          if (!answered && decision?.reason === 'Evacuated') {
            if (school.timeline.seconds > troubled + 1800)
              evacuated.set(name, school.timeline.seconds)
          }
        }
      },
      end: () => {
        const cut = (departure: Departure) =>
          departure.cut > 0 && departure.at - (evacuated.get(departure.bridge) ?? -1e9) < aftermath
        const { departures } = school.fleet.tally()
        for (const { bridge, cut: people, at } of departures.filter(cut)) {
          broken(`${people} people of ${bridge} found no other bridge at ${at}`)
        }
      },
    }
  },
}

/** What preStop would save is a mistake all the same: it can't save it everywhere. */
const inUseIsKept: Law = {
  name: 'a bridge with people on it is not removed before its deadline',
  watch: (school, broken) => {
    const busySince = new Map<string, number>()
    const deadlines = deadlinesOf(school)
    const mayGo = (seen: Seen) =>
      seen.decision?.reason === 'Evacuated'
        ? (deadlines.get(seen.name) ?? Number.POSITIVE_INFINITY) - rounding <=
          school.timeline.seconds
        : seen.decision?.reason === 'Lost' && isDropped(school, seen)
    return {
      moment: () => {
        for (const { name, participants } of school.fleet.bridges) {
          if (participants.size === 0) busySince.delete(name)
          else if (!busySince.has(name)) busySince.set(name, school.timeline.seconds)
        }
      },
      plan: ({ bridges }) => {
        for (const seen of bridges.filter(
          ({ answered, terminating }) => !answered && !terminating,
        )) {
          const bridge = school.cluster.kubelet.bridgeOf(seen.pod)
          if (!bridge || bridge.participants.size === 0 || bridge.process !== 'Running') continue
          const since = busySince.get(bridge.name) ?? school.timeline.seconds
          if (school.timeline.seconds - since < factsLag || mayGo(seen)) continue
          broken(`${seen.name} had ${bridge.participants.size} people: ${seen.decision?.reason}`)
        }
      },
    }
  },
}

/** Would no jicofo send anybody there any more? */
function isDropped({ fleet, cluster }: School, { pod }: Seen): boolean {
  const bridge = cluster.kubelet.bridgeOf(pod)
  return bridge !== undefined && !fleet.jicofos.some(jicofo => jicofo.knows(bridge))
}

/** Each evacuation lets its people settle before the next. */
const oneEvacuation: Law = {
  name: 'bridges are evacuated one at a time, 20 s apart',
  watch: (school, broken) => {
    let last = Number.NEGATIVE_INFINITY
    return {
      plan: ({ bridges }) => {
        const now = school.timeline.seconds
        const due = bridges.filter(
          ({ answered, decision, terminating }) =>
            !answered && !terminating && decision?.reason === 'Evacuated',
        )
        if (due.length > 1) broken(`${due.length} bridges are evacuated at once`)
        for (const { name, pod } of due) {
          const gone = pod.metadata.uid !== school.cluster.store.get('Pod', name)?.metadata.uid
          const stops = school.cluster.store.get('Pod', name)?.metadata.deletionTimestamp
          if (gone || stops) continue
          if (now - last < 20) broken(`${name} is evacuated ${now - last} s after another one`)
          last = now
        }
      },
    }
  },
}

export const lawsOfPeople: readonly Law[] = [
  nobodyBeforeTheDeadline,
  inUseIsKept,
  evacuatedToOthers,
  oneEvacuation,
]
