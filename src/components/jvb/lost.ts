import type { BridgeFacts, JicofoFacts } from '../../api/facts.ts'
import { type Bridge, neverServed } from './bridge.ts'
import { firstSignSeconds, isFresh } from './state.ts'
import { type Verdict, bridgeReason as why } from './verdict.ts'

/*
 * Bridges that nobody hears of, or that are alone without XMPP. Others take their place; they
 * themselves are left alone until jicofo has dropped them, or has had time to move their people.
 */

/** From then on a lost bridge goes: jicofo dropped it, or had time enough to move its people. */
export const lostSeconds = 600

/** Alone without XMPP for longer than this it is lost. */
const unjoinedSeconds = 120

/** What is known of the whole fleet, to tell the fault of one bridge from that of all. */
export interface Hearing {
  /** Bridges that jicofo surely counts; it may count more. */
  counted: number
  /** When the one that is in a room for the longest time joined it. */
  joinedSince: number | undefined
  /** Does any bridge answer? */
  answers: boolean
  /** Has it a password that is not prosody's any more? */
  lockedOut: (bridge: Bridge) => boolean
  now: Date
}

/** Sums up once what the bridges of a fleet say, for the judgement of each of them. */
export function hearingOf(
  bridges: readonly Bridge[],
  { lockedOut, now }: Pick<Hearing, 'lockedOut' | 'now'>,
): Hearing {
  const answering = bridges.filter(
    ({ facts, state }) => facts?.reachable && state !== 'Terminating' && state !== 'Failed',
  )
  const joined = answering.filter(({ facts }) => (facts?.mucsJoined ?? 0) > 0)
  const times = joined.map(bridge => changedAt(bridge))
  return {
    counted: joined.filter(bridge => isSurelyCounted(bridge, now)).length,
    joinedSince: times.reduce<number | undefined>(
      (first, time) => (first === undefined || time < first ? time : first),
      undefined,
    ),
    answers: answering.length > 0,
    lockedOut,
    now,
  }
}

/** What is written of jicofo may be older than what is written of a bridge by up to so much. */
const jicofoLagSeconds = 60

/** Has jicofo been told of it, and no reason to think ill of it? */
function isSurelyCounted(bridge: Bridge, now: Date): boolean {
  const { facts } = bridge
  return (
    facts?.healthy === true &&
    !facts.shuttingDown &&
    now.getTime() - changedAt(bridge) >= jicofoLagSeconds * 1000
  )
}

/** When it joined its first room, or lost its last, in milliseconds. */
export const changedAt = ({ facts }: Bridge) => Date.parse(facts?.joinedSince ?? facts?.at ?? '')

/** Is it silent, or alone without XMPP while others have it? Another one takes its place. */
export function isLost(bridge: Bridge, fleet: Hearing): boolean {
  return (
    bridge.state === 'Suspect' ||
    isShutOut(bridge, fleet) ||
    aloneSeconds(bridge, fleet) > unjoinedSeconds
  )
}

/** Did it lose its XMPP server for good? That restarted with other passwords, its rooms with it. */
const isShutOut = (bridge: Bridge, { lockedOut }: Hearing) =>
  bridge.facts?.reachable === true && bridge.facts.mucsJoined === 0 && lockedOut(bridge)

/**
 * How long it has been without XMPP while others had it. When prosody comes back after an hour the
 * first bridge to join does not make all others lost: from then on they have their time.
 */
function aloneSeconds(bridge: Bridge, { joinedSince, now }: Hearing): number {
  const { facts, state } = bridge
  if (!facts?.reachable || facts.mucsJoined > 0 || state === 'Failed' || neverServed(bridge))
    return 0
  if (joinedSince === undefined) return 0
  return (now.getTime() - Math.max(changedAt(bridge), joinedSince)) / 1000
}

/**
 * Has it answered for long and never joined, while others had XMPP? Its node may not reach prosody,
 * and one on another node does. Nobody says that it never will: it stays until others serve.
 */
export function neverJoins(bridge: Bridge, { joinedSince, now }: Hearing): boolean {
  const { facts, state } = bridge
  if (!facts?.reachable || state === 'Failed' || state === 'Terminating') return false
  if (!neverServed(bridge) || !isFresh(facts, now) || joinedSince === undefined) return false
  return now.getTime() - Math.max(changedAt(bridge), joinedSince) > firstSignSeconds * 1000
}

/**
 * Has it said for long that it is not well, while others are? Jicofo gives it no meetings. Those
 * that it has go on: it stays until others serve, and then drains.
 */
export const staysUnwell = (bridge: Bridge, { counted, now }: Hearing): boolean =>
  counted > 0 && isLongUnwell(bridge, now) && isSeenNow(bridge, now)

/** Unwell in facts that are old it may be well again, and serve. */
const isSeenNow = ({ facts }: Bridge, now: Date) => facts !== undefined && isFresh(facts, now)

/** Has it said for long that it is not well? Where none is well it is not its own fault. */
export function isLongUnwell({ facts, state }: Bridge, now: Date): boolean {
  if (!facts?.reachable || facts.healthy || state === 'Failed' || state === 'Terminating')
    return false
  const since = Date.parse(facts.unwellSince ?? '')
  return now.getTime() - since > firstSignSeconds * 1000
}

/**
 * Removes what jicofo dropped, or had long enough to. Only what was looked at just now: its silence
 * and its time without XMPP go on in facts that are old, though it may have been well for long.
 */
export function removalOfLost(
  bridge: Bridge,
  fleet: Hearing,
  { jicofo, canMovePeople }: { jicofo: JicofoFacts | undefined; canMovePeople: boolean },
): Verdict | undefined {
  const { facts, state } = bridge
  if (!facts || state === 'Terminating' || !isFresh(facts, fleet.now)) return undefined
  const removal = (message: string): Verdict => ({ action: 'remove', reason: why.Lost, message })
  if (isShutOut(bridge, fleet)) {
    return removal('prosody restarted with other passwords than it was started with')
  }
  if (facts.reachable) {
    // Its people wait for a jicofo that is silent, or is being replaced.
    return aloneSeconds(bridge, fleet) >= lostSeconds && canMovePeople
      ? removal(
          'it has been alone without XMPP for ten minutes: time enough for jicofo to move its people',
        )
      : undefined
  }
  const silent = (fleet.now.getTime() - Date.parse(facts.since)) / 1000
  return state === 'Suspect' && silent >= lostSeconds && isDropped(facts, fleet, jicofo)
    ? removal('it has not answered for ten minutes, and jicofo dropped it')
    : undefined
}

/**
 * Did jicofo drop a silent bridge? It says how many it counts, not which: no more than the others,
 * so this one is not among them. Its facts keep their time while they hold, and who looks at this
 * bridge looks at jicofo too; but what it said before the silence says nothing of that, nor what it
 * says before it can have heard of all bridges.
 */
function isDropped(
  { since }: BridgeFacts,
  { counted, now }: Hearing,
  jicofo: JicofoFacts | undefined,
): boolean {
  if (!jicofo?.reachable) return false
  const lag = jicofoLagSeconds * 1000
  const isLater = Date.parse(jicofo.at) >= Date.parse(since) - lag
  const knowsAll = Date.parse(jicofo.since) <= now.getTime() - lag
  return isLater && knowsAll && jicofo.operationalBridges <= counted
}

/**
 * How many lost bridges of a group are replaced. Each once, and when no bridge of the fleet answers
 * then one alone, to find out whether it is the bridges' fault: replacing what never answers would
 * make Pods for ever.
 */
export function replaceable(
  { desired, pinnedTo }: { desired: number; pinnedTo: string | undefined },
  { answers }: Hearing,
): number {
  if (answers) return Math.max(1, desired)
  return pinnedTo === undefined ? 1 : 0
}
