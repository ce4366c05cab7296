import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { BridgeFacts } from '../api/facts.ts'
import { timeText } from '../kube/conditions.ts'
import { answering, steadyCount, steadyStress, unreachable } from './steady.ts'

const count = Type.Integer({ minimum: 0 })

/*
 * `GET /metrics` of a bridge, JSON form: the names of the Prometheus form without their prefix,
 * booleans as booleans. `mucs_joined` and not `mucs_connected`, which counts the configured ones.
 */
const Metrics = Type.Object({
  startup_time: Type.Number({ exclusiveMinimum: 0 }),
  healthy: Type.Boolean(),
  drain_mode: Type.Boolean(),
  shutting_down: Type.Boolean(),
  graceful_shutdown: Type.Optional(Type.Boolean()),
  mucs_joined: count,
  stress: Type.Number({ minimum: 0 }),
  local_endpoints: count,
  conferences: count,
  endpoints_total: Type.Optional(count),
  endpoints_ice_failed_total: Type.Optional(count),
  relays_ice_failed_total: Type.Optional(count),
})
export type BridgeReading = Static<typeof Metrics>

/**
 * A reading, without whatever else was answered, or undefined for anything odd. The bridge counts
 * its endpoints by hand and can get below zero: a count that is wrong is no count, and must not
 * look like an empty bridge.
 */
export function bridgeReading(body: unknown): BridgeReading | undefined {
  return Value.Check(Metrics, body)
    ? (Value.Clean(Metrics, { ...body }) as BridgeReading)
    : undefined
}

/** What the bridge says of its drain flag, even if the rest of its answer is odd. */
export function drainMode(body: unknown): boolean | undefined {
  const flag = (body as { drain_mode?: unknown } | null)?.drain_mode
  return typeof flag === 'boolean' ? flag : undefined
}

/** The keys of BridgeFacts that change with the load alone. */
export const bridgeLoad = [
  'stress',
  'participants',
  'conferences',
  'endpointsTotal',
  'iceFailedTotal',
  'iceFailedAt',
  'relayIceFailedTotal',
  'relayFailedAt',
] as const satisfies readonly (keyof BridgeFacts)[]

/** A bridge that does not answer is not known to be empty any more: the two readings start anew. */
export function unreachableBridge(written: BridgeFacts | undefined, now: Date) {
  const facts = unreachable(written, now)
  return facts && { ...facts, emptySince: null, empty: false }
}

/** The facts after a reading. Nothing of an earlier start of the bridge survives in them. */
export function bridgeFacts(
  reading: BridgeReading,
  written: BridgeFacts | undefined,
  { now, version }: { now: Date; version: string | undefined },
): BridgeFacts {
  const startupTime = Math.round(reading.startup_time)
  const kept = written?.startupTime === startupTime ? written : undefined
  const ice = failures(
    reading.endpoints_ice_failed_total,
    { total: kept?.iceFailedTotal, at: kept?.iceFailedAt },
    now,
  )
  const relays = failures(
    reading.relays_ice_failed_total,
    { total: kept?.relayIceFailedTotal, at: kept?.relayFailedAt },
    now,
  )
  return {
    ...answering(written, now),
    startupTime,
    healthy: reading.healthy,
    ...(!reading.healthy && { unwellSince: kept?.unwellSince ?? timeText(now) }),
    draining: reading.drain_mode,
    // Neither of the two has a way back, and jicofo latches both.
    shuttingDown: reading.shutting_down || (reading.graceful_shutdown ?? false),
    mucsJoined: reading.mucs_joined,
    joinedSince: joinedSince(reading, kept) ?? timeText(now),
    stress: steadyStress(reading.stress, kept?.stress),
    participants: steadyCount(reading.local_endpoints, kept?.participants),
    conferences: steadyCount(reading.conferences, kept?.conferences),
    ...emptiness(reading, kept, now),
    endpointsTotal: steadyCount(reading.endpoints_total ?? 0, kept?.endpointsTotal),
    iceFailedTotal: ice.total,
    ...(ice.at && { iceFailedAt: ice.at }),
    relayIceFailedTotal: relays.total,
    ...(relays.at && { relayFailedAt: relays.at }),
    ...(version === undefined ? {} : { version }),
  }
}

/** A total never falls; what people need to know is whether connections fail now. */
function failures(
  total = 0,
  kept: { total: number | undefined; at: string | undefined },
  now: Date,
) {
  const steady = steadyCount(total, kept.total)
  return { total: steady, at: steady > (kept.total ?? 0) ? timeText(now) : kept.at }
}

/** Since when it is in no room, or in one; undefined if that changed just now. */
function joinedSince({ mucs_joined }: BridgeReading, kept: BridgeFacts | undefined) {
  const same = kept && kept.mucsJoined > 0 === mucs_joined > 0
  return same ? (kept.joinedSince ?? kept.at) : undefined
}

/** Milliseconds: jicofo learns of a drain from presence within 5 s, and may just have invited. */
const emptyFor = 15_000

/**
 * Empty = draining, no endpoint, no conference, in two readings at least 15 s apart of one start.
 * The first of them is rounded up to a whole second, so that 15 s are never less.
 */
function emptiness(
  reading: BridgeReading,
  kept: BridgeFacts | undefined,
  now: Date,
): Pick<BridgeFacts, 'emptySince' | 'empty'> {
  const idle = reading.drain_mode && reading.local_endpoints === 0 && reading.conferences === 0
  if (!idle) return { emptySince: null, empty: false }
  const first = kept?.reachable ? kept.emptySince : null
  if (first === null) {
    return { emptySince: timeText(new Date(now.getTime() + 999)), empty: false }
  }
  return { emptySince: first, empty: now.getTime() - Date.parse(first) >= emptyFor }
}

/**
 * Somebody came onto a bridge that is written down as unused: load for everybody else, but what
 * may happen to an unused bridge must not happen to this one, so it is written at once.
 */
export function becameBusy(next: BridgeFacts, written: BridgeFacts | undefined): boolean {
  return (
    (written?.participants === 0 && next.participants > 0) ||
    (written?.conferences === 0 && next.conferences > 0) ||
    (written?.endpointsTotal === 0 && next.endpointsTotal > 0)
  )
}
