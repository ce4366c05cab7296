import { annotation } from '../../src/kube/annotations.ts'
import { isTrouble } from './history.ts'
import type { Law } from './law.ts'
import {
  deadlineOf,
  isServing,
  isTakenBack,
  isTakenOut,
  type Look,
  type Seen,
  staysInService,
} from './look.ts'
import type { School } from './school.ts'

/*
 * What every single decision must keep to, judged by what the plan was shown.
 */

const people = ({ facts }: Seen) => (facts?.reachable ? facts.participants : undefined)
const neverUsed = ({ facts, pod }: Seen) =>
  facts
    ? facts.reachable &&
      facts.participants + facts.conferences + facts.endpointsTotal + facts.mucsJoined === 0
    : pod.status?.phase !== 'Running'

/** Is the first one a better one to go than the second? Whoever is unknown is the last to go. */
function isBetter(other: Seen, victim: Seen): boolean {
  if (neverUsed(other) !== neverUsed(victim)) return neverUsed(other)
  const [its, victims] = [people(other), people(victim)]
  return its !== undefined && (victims === undefined || its < victims)
}

/** Bridges that stand in for each other: those of one node where each node has its own. */
function groupsOf({ bridges }: Look, school: School): Seen[][] {
  if (school.topology !== 'daemonset') return [bridges]
  const nodes = new Set(bridges.map(({ node }) => node))
  return [...nodes].map(node => bridges.filter(bridge => bridge.node === node))
}

const wantedOfGroup = ({ desired }: Look, { topology, perNode }: School) =>
  topology === 'daemonset' ? perNode : desired

const goesBy = (reason: string) => (bridge: Seen) =>
  isTakenOut(bridge) && bridge.decision?.reason === reason

/**
 * Who goes first: never used, then the fewest people. Not instead of one that does not serve yet,
 * while no more serve than are wanted.
 */
const betterVictim: Law = {
  name: 'a serving bridge is never removed while a better victim exists',
  watch: (school, broken) => ({
    plan: look => {
      for (const group of groupsOf(look, school)) {
        const stay = group.filter(bridge => staysInService(bridge) && !bridge.leaving)
        const scarce = stay.filter(isServing).length <= wantedOfGroup(look, school)
        for (const victim of group.filter(goesBy('ScaleIn'))) {
          const better = stay
            .filter(other => !(scarce && isServing(other) && !isServing(victim)))
            .find(other => isBetter(other, victim))
          if (better) broken(`${victim.name} goes, ${better.name} would have been better`)
        }
      }
    },
  }),
}

/** A draining bridge is there at once, and a new one would be one more to be drained. */
const takeBackFirst: Law = {
  name: 'a draining bridge that may serve again does so before a new one is made',
  watch: (school, broken) => ({
    plan: look => {
      const made = look.created.filter(({ decision }) => decision?.reason === 'ScaleOut')
      if (made.length === 0 || school.topology === 'daemonset') return
      const able = look.bridges.find(
        bridge => bridge.drained && !isTakenBack(bridge) && mayServeAgain(bridge, look, school),
      )
      if (able) broken(`${made.map(({ name }) => name)} are made while ${able.name} drains`)
    },
  }),
}

function mayServeAgain(bridge: Seen, { created }: Look, school: School): boolean {
  const { facts, terminating, ended, leaving, pod } = bridge
  const { [annotation.revision]: revision } = pod.metadata.annotations ?? {}
  return (
    facts?.reachable === true &&
    facts.mucsJoined > 0 &&
    !facts.shuttingDown &&
    !(terminating || ended || leaving) &&
    !(school.exposesNodes && hasMoved(bridge)) &&
    !(deadlineOf(bridge) <= school.timeline.date.getTime()) &&
    created.some(({ object }) => object.metadata.annotations?.[annotation.revision] === revision)
  )
}

/** Has its node another address than clients are told? Who serves again is not found there. */
const hasMoved = ({ told, nodeAddresses }: Seen) =>
  told !== undefined && !nodeAddresses.some(address => told.startsWith(`${address}#`))

/** New bridges come first; where there is no place beside an old one, one at a time makes room. */
const rollouts: Law = {
  name: 'never fewer serving than wanted because of a rollout',
  watch: (school, broken) => ({
    plan: look => {
      const wanted = wantedOfGroup(look, school)
      const makesRoom = lacksRoom(look, school)
      for (const group of groupsOf(look, school)) {
        const going = group.filter(goesBy('Rollout')).filter(isServing)
        const left = group.filter(bridge => isServing(bridge) && staysInService(bridge)).length
        const enough = makesRoom && going.length === 1 ? wanted - 1 : wanted
        if (going.length > 0 && left < enough) {
          broken(`${going.map(({ name }) => name)} go, ${left} of ${wanted} are left to serve`)
        }
      }
    },
  }),
}

/** Is one bridge kept waiting for a node, or has a node no port for another one? */
function lacksRoom({ bridges }: Look, school: School): boolean {
  const waits = bridges.some(
    ({ pod }) =>
      !pod.spec.nodeName &&
      school.timeline.date.getTime() - Date.parse(pod.metadata.creationTimestamp ?? '') > 300_000,
  )
  return waits || school.portCount <= school.perNode
}

/** Each way back has a reason: more are wanted, or others are gone. */
const noFlapping: Law = {
  name: 'bridges are not drained and taken back more than load explains',
  watch: (school, broken) => {
    let wanted = 0
    let allowed = 0
    let back = 0
    return {
      event: event => {
        // What goes wrong with a node or with all of them may happen to every bridge.
        if (isTrouble(event)) allowed += 2 * (school.cluster.bridgePods.length + 1)
        if (event.kind === 'roll' || event.kind === 'tune') allowed += school.fleet.bridges.length
      },
      plan: look => {
        allowed += Math.max(0, look.desired - wanted)
        wanted = look.desired
        back += look.bridges.filter(isTakenBack).length
        const flaps = groupsOf(look, school).some(
          group => group.some(isTakenBack) && group.some(goesBy('ScaleIn')),
        )
        if (flaps) broken('bridges are drained and taken back at once')
        if (back > allowed) broken(`${back} times back, of which ${allowed} are explained`)
      },
    }
  },
}

/** In a minute every bridge may have to be made anew, by chance twice; more would go on for ever. */
const noStorm: Law = {
  name: 'no more than twice as many bridges as are wanted, and three, are made in a minute',
  watch: ({ timeline }, broken) => {
    const lately: { at: number; made: string[]; desired: number }[] = []
    return {
      plan: ({ created, desired }) => {
        const at = timeline.seconds
        lately.push({ at, made: created.map(({ name }) => name), desired })
        while ((lately[0]?.at ?? at) < at - 60) lately.shift()
        // A view that is old asks for one of the same name again.
        const made = new Set(lately.flatMap(call => call.made))
        const allowed = 2 * Math.max(...lately.map(call => call.desired)) + 3
        if (made.size > allowed) broken(`${made.size} bridges were made for ${desired}`)
      },
    }
  },
}

/** When all lose XMPP at once it is prosody's fault, and they are about to be well again. */
const prosodyAway: Law = {
  name: 'while prosody is away nothing is removed, drained or taken back',
  watch: (_school, broken) => ({
    plan: ({ bridges }) => {
      const answering = bridges.filter(
        ({ facts, terminating, ended }) => facts?.reachable && !terminating && !ended,
      )
      const away = answering.every(({ facts }) => facts?.mucsJoined === 0)
      if (!away || !answering.some(({ facts }) => (facts?.endpointsTotal ?? 0) > 0)) return
      for (const { name, answered, drained, terminating } of bridges) {
        const drains = answered?.metadata.annotations?.[annotation.intent] === 'drain'
        if (!terminating && (!answered || drains !== drained)) broken(`${name} is touched`)
      }
    },
  }),
}

export const lawsOfPlans: readonly Law[] = [
  betterVictim,
  takeBackFirst,
  rollouts,
  noFlapping,
  noStorm,
  prosodyAway,
]
