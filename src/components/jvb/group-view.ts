import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'
import { type Hearing, isLost, replaceable } from './lost.ts'
import type { Ports } from './ports.ts'
import { failedLately } from './roles.ts'
import { roomInFleet } from './room.ts'
import type { Group } from './topology.ts'

/** What the plan of a group needs to know beside the group. */
export interface GroupView {
  /** Parts in which a bridge differs from one made now; empty for a current bridge. */
  outdated: (bridge: Bridge) => string[]
  /** Is it silent, alone without XMPP, or unfit: not counted? */
  lost: (bridge: Bridge) => boolean
  /** Of the spec in force, does it answer and take no meetings: never joined, or long not well? */
  unfit: (bridge: Bridge) => boolean
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

/** What is known of the whole fleet when its groups are planned. */
export interface FleetFindings extends Pick<GroupView, 'outdated'> {
  /** Bridges that answer and take no meetings, outdated ones among them. */
  takingNone: ReadonlySet<Bridge>
  hearing: Hearing
  ports: Ports
  rolloutAllowed: boolean
}

/** What the plan of each group must know of the fleet. */
export function groupViewOf(
  context: Context,
  bridges: readonly Bridge[],
  { outdated, hearing, takingNone, ports, rolloutAllowed }: FleetFindings,
): GroupView {
  const { maxSurge } = context.spec.jvb.rollout
  const current = bridges.filter(bridge => outdated(bridge).length === 0)
  const unfit = new Set(current.filter(bridge => takingNone.has(bridge)))
  const wasted = wastedOn(current, unfit, context.now)
  return {
    outdated,
    lost: bridge => isLost(bridge, hearing) || unfit.has(bridge),
    unfit: bridge => unfit.has(bridge),
    replaceable: group => replaceable(group, hearing),
    roomWithout: roomInFleet(bridges),
    portFree: ({ pinnedTo }) => ports.choose({ node: pinnedTo, refused: [] }) !== undefined,
    mayDrainFirst: rolloutAllowed,
    maxSurge,
    newOnesAnswer: wasted.silent + wasted.ended === 0,
    surge: rolloutAllowed ? surgeLeft(maxSurge, wasted) : 0,
    now: context.now,
  }
}

/** New bridges that came to nothing: they never answered, or take no meetings, or ended at once. */
function wastedOn(made: readonly Bridge[], unfit: ReadonlySet<Bridge>, now: Date) {
  const silent = made.filter(bridge => bridge.state === 'Suspect' || unfit.has(bridge))
  return {
    // Those that are pinned to one node tell of that node alone, however many they are.
    silent: new Set(silent.map(({ pinnedTo, name }) => pinnedTo ?? name)).size,
    ended: made.filter(bridge => failedLately(bridge, now)).length,
  }
}

/** A silent one may be the fault of its node; another one on another node tells. */
const firstTries = 1

/** A release that can't run must not make Pods for ever. */
const surgeLeft = (maxSurge: number, { silent, ended }: { silent: number; ended: number }) =>
  Math.max(0, maxSurge - ended - Math.max(0, silent - firstTries))
