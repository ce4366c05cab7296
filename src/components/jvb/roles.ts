import type { NodeFacts } from '../../api/facts.ts'
import { type Bridge, neverStarted } from './bridge.ts'
import type { GroupView } from './group-view.ts'
import { isFresh } from './state.ts'
import type { Group } from './topology.ts'

/** Bridges of a group by what they mean to its size. */
export interface Roles {
  /** They serve or will: what counts as the size of the group. */
  active: Bridge[]
  leaving: Bridge[]
  draining: Bridge[]
  current: Bridge[]
  old: Bridge[]
  /** Old ones that are not well: they are the first ones to go. */
  unwell: Bridge[]
  /** Up to date ones that answer and take no meetings: for others to stand in for. */
  unfit: Bridge[]
  /** Silent, alone without XMPP, or unfit: they are there, and do not count. */
  missed: Bridge[]
  /** Places of the group that nothing new is made for: it would end, be lost or be gone as well. */
  withheld: number
}

/** Sorts the bridges of a group; lost, ended and terminating ones play no role. */
export function rolesOf(group: Group, view: GroupView): Roles {
  const { outdated, replaceable, now } = view
  // One of an older spec that never started says nothing of those made now: it goes.
  const lost = (bridge: Bridge) =>
    view.lost(bridge) && !(neverStarted(bridge) && outdated(bridge).length > 0)
  const present = group.bridges.filter(
    bridge => bridge.state !== 'Terminating' && bridge.state !== 'Failed' && !lost(bridge),
  )
  const isGone = (bridge: Bridge) => nodeOf(bridge, group)?.gone === true
  const alive = present.filter(bridge => !isGone(bridge))
  const serving = alive.filter(isToServe)
  const active = serving.filter(bridge => !isLeft(bridge, group, now))
  const missed = group.bridges.filter(bridge => bridge.state !== 'Terminating' && lost(bridge))
  const old = active.filter(bridge => outdated(bridge).length > 0)
  const failed = group.bridges.filter(bridge => failedLately(bridge, now))
  return {
    active,
    leaving: serving.filter(bridge => isLeft(bridge, group, now)),
    draining: alive.filter(({ intent }) => intent === 'drain'),
    current: active.filter(bridge => outdated(bridge).length === 0),
    old,
    unwell: old.filter(bridge => isUnwell(bridge, now)),
    unfit: group.bridges.filter(view.unfit),
    missed,
    withheld:
      failed.length +
      // Nothing is made for those that drain, so they say nothing of what is made.
      Math.max(0, missed.filter(isToServe).length - replaceable(group)) +
      // One that was made for one there, and is said to be there too, would make another for ever.
      Math.max(0, present.filter(isGone).filter(isToServe).length - group.desired),
  }
}

/**
 * Is it in its room, and says that it is not well? Jicofo gives it no new meetings, so it serves
 * nobody who would miss it; waiting for it to serve could last for ever. In facts that are old it
 * may be well again.
 */
const isUnwell = ({ state, facts }: Bridge, now: Date): boolean =>
  state === 'Starting' &&
  facts?.reachable === true &&
  facts.mucsJoined > 0 &&
  !facts.healthy &&
  isFresh(facts, now)

const isToServe = ({ intent }: Bridge) => intent === 'serve'

/** The node of a bridge of the group: as it is seen now, or else as it is written on the bridge. */
export const nodeOf = ({ nodeFacts }: Bridge, { node }: Group): NodeFacts | undefined =>
  node ?? nodeFacts

/** Longer than what is written of a node on a bridge that was placed there can be old. */
const placedSeconds = 60

/**
 * Is its node cordoned or about to be removed? Where one was placed just now and has not started,
 * it is what is written of the node that is old: removed, the next one would be placed there too.
 */
const isLeft = (bridge: Bridge, group: Group, now: Date): boolean =>
  Boolean(nodeOf(bridge, group)?.leaving) &&
  !(group.node === undefined && neverStarted(bridge) && isPlacedJustNow(bridge, now))

/** Its kubelet has heard of it within the last minute, or not yet. */
function isPlacedJustNow({ pod }: Bridge, now: Date): boolean {
  const placed = new Date(pod.status?.startTime ?? now).getTime()
  return now.getTime() - placed < placedSeconds * 1000
}

/** A Pod that ends in its first minute would end again; what makes it do so needs time to pass. */
const firstSeconds = 60

/** Did it end as soon as it was made? Then another one waits for a minute. */
export function failedLately({ state, pod }: Bridge, now: Date): boolean {
  const made = new Date(pod.metadata.creationTimestamp ?? 0).getTime()
  return state === 'Failed' && now.getTime() - made < firstSeconds * 1000
}
