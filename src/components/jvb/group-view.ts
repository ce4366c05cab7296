import type { Bridge } from './bridge.ts'
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
