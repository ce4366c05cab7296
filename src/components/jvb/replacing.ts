import { type Bridge, isIdle, isStopping, neverServed, surelyServes } from './bridge.ts'
import type { GroupView } from './group-view.ts'
import type { Roles } from './roles.ts'
import type { Group } from './topology.ts'
import { bridgeReason as why } from './verdict.ts'
import { victimOrder } from './victim-order.ts'

/* Old bridges make room for new ones: how many at a time, which, and when. */

/** How long a new bridge may wait for a place before an old one makes room for it. */
const stuckSeconds = 300

/** How many bridges of a group run beyond the wanted ones because of a rollout. */
export function surgeOf({ desired }: Group, roles: Roles, now: Date): number {
  const { active, draining, old } = roles
  const replaced = draining.filter(goesForAnother)
  if (old.length + replaced.length === 0) return 0
  // One that finds no place must not hold up the places of others.
  const placed = active.filter(bridge => !isStuck(bridge, now))
  return Math.max(0, placed.length + replaced.length - desired)
}

/** Does an old bridge of the group drain for a new one? */
export const isReplacing = ({ draining }: Roles): boolean => draining.some(goesForAnother)

const goesForAnother = ({ intentReason }: Bridge) => intentReason === why.Rollout

/** New bridges that are there already for old ones which still serve. */
export function spareSurge(group: Group, { active, old }: Roles, { maxSurge }: GroupView): number {
  return old.length === 0 ? 0 : Math.min(maxSurge, Math.max(0, active.length - group.desired))
}

/** Old bridges that may go now: as many as serve beyond the wanted ones. */
export function replacedNow(group: Group, roles: Roles, view: GroupView): Bridge[] {
  const { active, old } = roles
  const unused = old.filter(neverServed)
  const served = old.filter(bridge => !neverServed(bridge)).sort(victimOrder)
  const isUnwell = (bridge: Bridge) => roles.unwell.includes(bridge)
  const unwell = served.filter(isUnwell)
  const used = [...unwell, ...served.filter(bridge => !isUnwell(bridge))]
  const serving = active.filter(surelyServes).length
  const free = Math.max(0, serving - group.desired)
  if (free > 0) return [...unused, ...used.slice(0, free)]
  const successors = used.length + roles.current.filter(surelyServes).length - group.desired
  if (unwell.length > 0 && successors > 0) return [...unused, ...unwell.slice(0, successors)]
  // What is not needed any more leaves its place to a new one.
  if (isReplacing(roles) || unused.length > 0) return unused
  if (!view.newOnesAnswer || !lacksPlace(group, roles, view)) return []
  const candidates = used.filter(bridge => isIdle(bridge) || view.roomWithout(bridge))
  return (unwell.length > 0 ? unwell : candidates).slice(0, 1)
}

/** Do all wanted bridges of the group serve, but for old ones that are not well? */
export function servesInFull({ desired }: Group, roles: Roles): boolean {
  return roles.active.filter(surelyServes).length + roles.unwell.length >= desired
}

/**
 * Is there no place for a new bridge beside the old ones? One that has a place, or a port and not
 * waited for long, is to serve first: the next old one stays until then, on whatever node it is.
 */
function lacksPlace(group: Group, roles: Roles, view: GroupView): boolean {
  const coming = roles.current.filter(({ state }) => state !== 'Serving')
  if (isCrowded(roles, view)) {
    return view.mayDrainFirst && coming.every(({ state }) => state === 'Pending')
  }
  // What is being stopped leaves its port at the end of its grace period at the latest, one that
  // has ended as soon as it is removed, and one that the next change of the spec overtook, before
  // it served, as soon as it is known to be unused.
  const waits =
    coming.length > 0 ||
    roles.active.length > group.desired ||
    group.bridges.some(bridge => bridge.state === 'Failed' || isStopping(bridge, view.now))
  return roles.old.length > 0 && !waits && view.mayDrainFirst && !view.portFree(group)
}

/** Has a new bridge waited for a place for long? */
export const isCrowded = ({ current }: Roles, { now }: GroupView) =>
  current.some(bridge => isStuck(bridge, now))

/** Has it been waiting for a place on a node for long? */
export function isStuck({ state, pod }: Bridge, now: Date): boolean {
  const made = new Date(pod.metadata.creationTimestamp ?? now).getTime()
  return state === 'Pending' && now.getTime() - made > stuckSeconds * 1000
}
