import type { Bridge } from './bridge.ts'
import { changedAt, lostSeconds } from './lost.ts'
import { isFresh } from './state.ts'
import type { Group } from './topology.ts'
import { type Creation, creationIn, bridgeReason as why } from './verdict.ts'

/* When prosody is gone for all bridges at once, none of them is touched. */

/**
 * Did every bridge that answers lose its XMPP server? Then prosody restarts or is gone, and to
 * replace bridges would cut meetings that are about to be back. Not so those that can't be back.
 */
export function isFrozen(
  bridges: readonly Bridge[],
  lockedOut: (bridge: Bridge) => boolean,
): boolean {
  const answering = bridges.filter(
    ({ facts, state }) => facts?.reachable && state !== 'Terminating' && state !== 'Failed',
  )
  return (
    answering.every(bridge => bridge.facts?.mucsJoined === 0 || lockedOut(bridge)) &&
    answering.some(bridge => (bridge.facts?.endpointsTotal ?? 0) > 0 && !lockedOut(bridge))
  )
}

/**
 * While frozen nothing is touched; a place that is empty may be filled, and one bridge more may
 * find out whose fault it is.
 */
export function frozenCreations(groups: Group[], view: FrozenView): Creation[] {
  return groups
    .filter(({ hold }) => !hold)
    .flatMap(group => [...missing(group), ...(needsOneMore(group, view) ? [oneMore(group)] : [])])
}

function missing(group: Group): Creation[] {
  const there = group.bridges.filter(({ state }) => state !== 'Terminating' && state !== 'Failed')
  return Array.from({ length: Math.max(0, group.desired - there.length) }, () =>
    creationIn(group, why.ScaleOut, `${group.desired} bridges are wanted`),
  )
}

const oneMore = (group: Group) =>
  creationIn(
    group,
    why.ScaleOut,
    'all have been without XMPP for ten minutes, and one on another node may have it',
  )

/** What is known beside the bridges. */
interface FrozenView {
  /** Are prosody and jicofo there? */
  canMovePeople: boolean
  now: Date
}

/**
 * Have all been without XMPP for long, though prosody is there? Their nodes may not reach it. Once
 * one more bridge has joined, the others are alone without XMPP and go as such; until then no other
 * is made.
 */
function needsOneMore(
  { pinnedTo, desired, bridges }: Group,
  { canMovePeople, now }: FrozenView,
): boolean {
  const there = bridges.filter(({ state }) => state !== 'Terminating')
  const isLongWithout = (bridge: Bridge) =>
    bridge.facts !== undefined &&
    isFresh(bridge.facts, now) &&
    now.getTime() - changedAt(bridge) >= lostSeconds * 1000
  return (
    pinnedTo === undefined &&
    canMovePeople &&
    there.length === desired &&
    there.every(isLongWithout)
  )
}
