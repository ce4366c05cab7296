import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

/*
 * Facts: what the observer saw, written as JSON into annotations of the observed Pod and read
 * back by the plan. Numbers are coarse, so that an annotation changes only when it matters: every
 * change wakes the plan of the whole Jitsi.
 */

const Time = Type.String({ description: 'RFC 3339, whole seconds' })

/** What is known of one bridge, from `GET :8080/metrics`. */
export const BridgeFacts = Type.Object({
  /** Did it answer at the last reading? */
  reachable: Type.Boolean(),
  /** When `reachable` last changed. */
  since: Time,
  /**
   * When these facts were last written; says nothing about later readings that agreed, except
   * where it is written anew every 30 s: of a bridge that is empty, silent, not well or in no
   * room.
   */
  at: Time,
  /** Milliseconds; a change means that the bridge restarted inside its container. */
  startupTime: Type.Number(),
  healthy: Type.Boolean(),
  /** Since when it says that it is not well; older facts do not have it. */
  unwellSince: Type.Optional(Time),
  /** The bridge's own drain flag, as jicofo sees it. */
  draining: Type.Boolean(),
  shuttingDown: Type.Boolean(),
  /** XMPP rooms joined: one per shard. Not joined = no new conferences. */
  mucsJoined: Type.Integer({ minimum: 0 }),
  /** When it joined its first room, or lost its last; older facts do not have it. */
  joinedSince: Type.Optional(Time),
  /** The bridge's stress level in steps of 0.05; 1 is full. */
  stress: Type.Number({ minimum: 0 }),
  /** Local endpoints, coarse (see `coarse`). */
  participants: Type.Integer({ minimum: 0 }),
  conferences: Type.Integer({ minimum: 0 }),
  /** First reading of: draining, no endpoint, no conference; null while that is not so. */
  emptySince: Type.Union([Time, Type.Null()]),
  /** A second such reading, at least 15 s later and of the same start, agreed. */
  empty: Type.Boolean(),
  /** Coarse totals since the bridge's start. */
  endpointsTotal: Type.Integer({ minimum: 0 }),
  iceFailedTotal: Type.Integer({ minimum: 0 }),
  /** When a client's connection failed last; older facts do not have it. */
  iceFailedAt: Type.Optional(Time),
  relayIceFailedTotal: Type.Integer({ minimum: 0 }),
  /** When a relay to another bridge failed last; older facts do not have it. */
  relayFailedAt: Type.Optional(Time),
  /** The release that jicofo compares: bridges of different versions share no meeting. */
  version: Type.Optional(Type.String()),
})
export type BridgeFacts = Static<typeof BridgeFacts>

/** What is known of one jicofo, from `GET :8888/stats`. */
export const JicofoFacts = Type.Object({
  reachable: Type.Boolean(),
  since: Time,
  at: Time,
  conferences: Type.Integer({ minimum: 0 }),
  participants: Type.Integer({ minimum: 0 }),
  operationalBridges: Type.Integer({ minimum: 0 }),
  /** First reading without any conference; null while there is one. */
  emptySince: Type.Union([Time, Type.Null()]),
})
export type JicofoFacts = Static<typeof JicofoFacts>

/** What is known of one recorder, from `GET :2222/jibri/api/v1.0/health`. */
export const JibriFacts = Type.Object({
  reachable: Type.Boolean(),
  since: Time,
  at: Time,
  busyStatus: Type.Union([Type.Literal('IDLE'), Type.Literal('BUSY'), Type.Literal('EXPIRED')]),
})
export type JibriFacts = Static<typeof JibriFacts>

/** What is known of the Node that a Pod is bound to. */
export const NodeFacts = Type.Object({
  name: Type.String(),
  /** The Node object does not exist any more. */
  gone: Type.Boolean(),
  ready: Type.Boolean(),
  /** Cordoned, or tainted by something that is about to remove it; null otherwise, else why. */
  leaving: Type.Union([Type.String(), Type.Null()]),
  externalIPs: Type.Array(Type.String()),
  internalIPs: Type.Array(Type.String()),
  zone: Type.Optional(Type.String()),
  region: Type.Optional(Type.String()),
})
export type NodeFacts = Static<typeof NodeFacts>

/**
 * Reads facts out of an annotation. Whatever is missing, cut off or of another type is no fact at
 * all (undefined), and no facts mean busy: a half-read zero would delete a bridge in use.
 */
function parserOf<T extends TSchema>(schema: T) {
  const compiled = TypeCompiler.Compile(schema)
  return (text: string | undefined): Static<T> | undefined => {
    if (text === undefined) return undefined
    try {
      const facts: unknown = JSON.parse(text)
      return compiled.Check(facts) ? facts : undefined
    } catch {
      return undefined
    }
  }
}

/** Facts out of the annotation of a bridge's Pod; undefined where there are none to rely on. */
export const parseBridgeFacts = parserOf(BridgeFacts)
/** The same of jicofo's Pod. */
export const parseJicofoFacts = parserOf(JicofoFacts)
/** The same of a recorder's Pod. */
export const parseJibriFacts = parserOf(JibriFacts)
/** What is written of its Node on any of these Pods. */
export const parseNodeFacts = parserOf(NodeFacts)

/**
 * Counts in steps that grow (0–5 exact, then about a quarter): enough to find the emptiest.
 */
export function coarse(count: number): number {
  if (count <= 5) return count
  const step = 2 ** Math.max(0, Math.floor(Math.log2(count)) - 2)
  return Math.floor(count / step) * step
}
