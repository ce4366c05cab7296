import {
  type Bridge,
  isIdle,
  isStopping,
  neverServed,
  neverStarted,
  participantsOf,
  surelyServes,
} from './bridge.ts'
import { type Roles, rolesOf } from './roles.ts'
import type { Group } from './topology.ts'
import { type Creation, type Verdict, bridgeReason as why } from './verdict.ts'

/** What the plan of a group needs to know beside the group. */
export interface GroupView {
  /** Parts in which a bridge differs from one made now; empty for a current bridge. */
  outdated: (bridge: Bridge) => string[]
  /** Is it silent, or alone without XMPP: not counted, not touched? */
  lost: (bridge: Bridge) => boolean
  /** How many of its lost bridges others may stand in for. */
  replaceable: (group: Group) => number
  /** Have the other serving bridges room for its people? */
  roomWithout: (bridge: Bridge) => boolean
  /** Is a port left for one more bridge of the group? */
  portFree: (group: Group) => boolean
  /** May an old bridge go before its successor is there? Only while all wanted ones serve. */
  mayDrainFirst: boolean
  /** Is none of the new bridges silent or ended? Else no old one makes room for more of them. */
  newOnesAnswer: boolean
  /** Bridges that may run beyond the wanted ones while bridges are replaced. */
  maxSurge: number
  /** How many of these may be made now. */
  surge: number
  now: Date
}

export interface GroupPlan {
  verdicts: Map<string, Verdict>
  creations: Creation[]
}

/** How long a new bridge may wait for a place before an old one makes room for it. */
export const stuckSeconds = 300

/** How many bridges of a group run beyond the wanted ones because of a rollout. */
export function surgeOf({ desired }: Group, roles: Roles, now: Date): number {
  const { active, draining, old } = roles
  const replaced = draining.filter(({ intentReason }) => intentReason === why.Rollout)
  if (old.length + replaced.length === 0) return 0
  // One that finds no place must not hold up the places of others.
  const placed = active.filter(bridge => !isStuck(bridge, now))
  return Math.max(0, placed.length + replaced.length - desired)
}

/** What to do with the bridges of a group, and how many to make. */
export function planGroup(group: Group, view: GroupView): GroupPlan {
  if (group.hold) return { verdicts: new Map(), creations: [] }
  const roles = rolesOf(group, view)
  const verdicts = new Map<string, Verdict>()
  for (const bridge of roles.leaving)
    verdicts.set(bridge.name, release(bridge, nodeLeaving(bridge.node, bridge.nodeFacts?.leaving)))
  const missing = group.desired - roles.active.length
  const back = missing > 0 ? takenBack(roles, view).slice(0, missing) : []
  for (const { name } of back) verdicts.set(name, serveAgain)
  for (const [bridge, cause] of surplus(group, roles, view)) {
    verdicts.set(bridge.name, release(bridge, cause))
  }
  return { verdicts, creations: creations(group, roles, { back: back.length, view }) }
}

type Cause = { reason: string; message: string }

const serveAgain: Verdict = {
  action: 'serve',
  reason: why.TakenBack,
  message: 'more bridges are wanted again: it serves again',
}

const nodeLeaving = (node: string | undefined, how: string | null | undefined): Cause => ({
  reason: why.NodeLeaving,
  message: `node ${node} is ${how}: its bridges drain, and others take their place`,
})

/** Out of service: at once where nobody can be on it, by a drain otherwise. */
function release(bridge: Bridge, cause: Cause): Verdict {
  return neverStarted(bridge)
    ? { action: 'remove', reason: why.NeverServed, message: `${cause.message}; nobody was on it` }
    : { action: 'drain', ...cause }
}

/** Draining bridges that may serve again, those with most people first. */
function takenBack({ draining }: Roles, { outdated, now }: GroupView): Bridge[] {
  return draining
    .filter(bridge => outdated(bridge).length === 0 && !bridge.facts?.shuttingDown)
    .filter(({ nodeFacts, drainDeadline }) => {
      return !nodeFacts?.leaving && (!drainDeadline || drainDeadline > now)
    })
    .sort((a, b) => participantsOf(b) - participantsOf(a) || a.index - b.index)
}

/** Bridges that are too many, each with the cause. */
function surplus(group: Group, roles: Roles, view: GroupView): [Bridge, Cause][] {
  const { active, old, current } = roles
  if (group.unwanted) {
    const cause = nodeLeaving(group.pinnedTo, group.unwanted)
    return active.map(bridge => [bridge, cause])
  }
  const replaced = new Set(replacedNow(group, roles, view))
  const beyond = active.length - replaced.size - group.desired - spareSurge(group, roles, view)
  const left = [...current, ...old].filter(bridge => !replaced.has(bridge))
  // Those that start are not there for anybody yet: until they are, as many as wanted serve on.
  let dispensable = left.filter(surelyServes).length - group.desired
  return [
    ...[...replaced].map((bridge): [Bridge, Cause] => [bridge, rollout(view.outdated(bridge))]),
    ...left
      .sort(victimOrder)
      .slice(0, Math.max(0, beyond))
      .filter(bridge => !surelyServes(bridge) || dispensable-- > 0)
      .map((bridge): [Bridge, Cause] => [bridge, scaleIn(group)]),
  ]
}

const scaleIn = ({ desired }: Group): Cause => ({
  reason: why.ScaleIn,
  message: `${desired} bridges are wanted, and it has the fewest people`,
})

const rollout = (parts: string[]): Cause => ({
  reason: why.Rollout,
  message: `its ${parts.join(', ')} changed, and a new bridge takes its place`,
})

/** First those that never served, then the one with the fewest people; ties by number. */
export function victimOrder(a: Bridge, b: Bridge): number {
  return (
    Number(neverServed(b)) - Number(neverServed(a)) ||
    compare(participantsOf(a), participantsOf(b)) ||
    a.index - b.index
  )
}

const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1)

/** New bridges that are there already for old ones which still serve. */
function spareSurge(group: Group, { active, old }: Roles, { maxSurge }: GroupView): number {
  return old.length === 0 ? 0 : Math.min(maxSurge, Math.max(0, active.length - group.desired))
}

/** Old bridges that may go now: as many as serve beyond the wanted ones. */
function replacedNow(group: Group, roles: Roles, view: GroupView): Bridge[] {
  const { active, old, draining } = roles
  const unused = old.filter(neverServed)
  const used = old.filter(bridge => !neverServed(bridge)).sort(victimOrder)
  const serving = active.filter(surelyServes).length
  const free = Math.max(0, serving - group.desired)
  if (free > 0) return [...unused, ...used.slice(0, free)]
  const underWay = draining.some(({ intentReason }) => intentReason === why.Rollout)
  // What is not needed any more leaves its place to a new one.
  if (underWay || unused.length > 0) return unused
  if (!view.newOnesAnswer || !lacksPlace(group, roles, view)) return []
  return used.filter(bridge => isIdle(bridge) || view.roomWithout(bridge)).slice(0, 1)
}

/**
 * Is there no place for a new bridge beside the old ones? One that has a place, or a port and not
 * waited for long, is to serve first: the next old one stays until then.
 */
function lacksPlace(group: Group, roles: Roles, view: GroupView): boolean {
  const coming = roles.current.filter(({ state }) => state !== 'Serving')
  if (isCrowded(roles, view)) {
    const serving = roles.active.filter(surelyServes).length
    return serving >= group.desired && coming.every(({ state }) => state === 'Pending')
  }
  // What is being stopped leaves its port at the end of its grace period at the latest.
  const waits = coming.length > 0 || group.bridges.some(bridge => isStopping(bridge, view.now))
  return roles.old.length > 0 && !waits && view.mayDrainFirst && !view.portFree(group)
}

/** Has a new bridge waited for a place for long? */
const isCrowded = ({ current }: Roles, { now }: GroupView) =>
  current.some(bridge => isStuck(bridge, now))

/** Has it been waiting for a place on a node for long? */
export function isStuck({ state, pod }: Bridge, now: Date): boolean {
  const made = new Date(pod.metadata.creationTimestamp ?? now).getTime()
  return state === 'Pending' && now.getTime() - made > stuckSeconds * 1000
}

function creations(
  group: Group,
  roles: Roles,
  { back, view }: { back: number; view: GroupView },
): Creation[] {
  const { active, current, old, withheld } = roles
  const missing = Math.max(0, group.desired - active.length - back)
  const mayReplace = old.length > 0 && !isCrowded(roles, view) && view.portFree(group)
  const replacements = mayReplace
    ? Math.max(0, Math.min(view.surge, group.desired - current.length - missing - back))
    : 0
  const make = (reason: string, message: string) => ({
    pinnedTo: group.pinnedTo,
    portsRefused: [],
    reason,
    message,
  })
  return [
    ...Array.from({ length: Math.max(0, missing - withheld) }, () =>
      make(why.ScaleOut, `${group.desired} bridges are wanted`),
    ),
    ...Array.from({ length: replacements }, () =>
      make(why.Rollout, 'it takes the place of an outdated bridge'),
    ),
  ]
}
