import { type BridgeFacts, parseBridgeFacts } from '../api/facts.ts'
import { annotation } from '../kube/annotations.ts'
import { timeText } from '../kube/conditions.ts'
import type { Pod } from '../kube/types.ts'
import {
  type BridgeReading,
  becameBusy,
  bridgeFacts,
  bridgeLoad,
  bridgeReading,
  drainMode,
  unreachableBridge,
} from './bridge-facts.ts'
import type { Edges } from './edges.ts'
import { isOwnedByJitsi, privateUrl } from './pod.ts'
import { type Look, nothingSeen, pause, type Sight, settledPause } from './sight.ts'
import { factsToWrite } from './steady.ts'

/**
 * Reads one bridge and makes its drain flag agree with the plan's intent. A Pod that no Jitsi
 * owns is never called: anybody may label a Pod, and a drain is no reading.
 */
export const lookAtBridge: Look = async (pod, { edges, deadline }) => {
  if (!isOwnedByJitsi(pod)) return nothingSeen
  const url = privateUrl(pod, 8080)
  if (url === undefined) return { resyncAfterSeconds: pause.underWay }
  const written = parseBridgeFacts(pod.metadata.annotations?.[annotation.facts])
  const { reading, flag } = await edges.readJson(`${url}/metrics`, deadline).then(
    body => ({ reading: bridgeReading(body), flag: drainMode(body) }),
    () => ({ reading: undefined, flag: undefined }),
  )
  const [version, changed] = await Promise.all([
    reading && versionOf(url, { reading, written, edges, deadline }),
    carryOutIntent(pod, url, { flag, edges, deadline }),
  ])
  return sightOf(pod, { reading, written, version, changed, now: edges.now() })
}

interface Seen {
  reading: BridgeReading | undefined
  written: BridgeFacts | undefined
  version: string | undefined
  changed: boolean
  now: Date
}

function sightOf(pod: Pod, { reading, written, version, changed, now }: Seen): Sight {
  const facts = reading
    ? bridgeFacts(reading, written, { now, version })
    : unreachableBridge(written, now)
  if (facts === undefined) return { resyncAfterSeconds: pause.underWay }
  const load = becameBusy(facts, written) ? [] : bridgeLoad
  const toWrite = isDue(facts, { written, now })
    ? { ...facts, at: timeText(now) }
    : factsToWrite(facts, written, { load, now })
  return {
    ...(toWrite && { facts: toWrite }),
    resyncAfterSeconds: changed ? pause.confirm : pauseOf(facts, pod),
  }
}

/** Milliseconds; half of the time for which the plan takes facts as fresh. */
const renewAfter = 30_000

/**
 * The plan removes a bridge that is empty, or lost (silent, in no room), or lets one go that is not
 * well, only by fresh facts. So those of such a one are written anew though nothing in them has
 * changed.
 */
function isDue(
  { empty, reachable, healthy, mucsJoined }: BridgeFacts,
  { written, now }: { written: BridgeFacts | undefined; now: Date },
): boolean {
  const mayGo = empty || !reachable || !healthy || mucsJoined === 0
  return mayGo && now.getTime() - Date.parse(written?.at ?? '') >= renewAfter
}

/** Oftener while something is under way: not joined yet, draining, gone silent, not as intended. */
function pauseOf(facts: BridgeFacts, pod: Pod): number {
  const settled =
    facts.reachable &&
    facts.healthy &&
    facts.mucsJoined > 0 &&
    !facts.draining &&
    !facts.shuttingDown &&
    pod.metadata.annotations?.[annotation.intent] !== 'drain'
  return settled ? settledPause(pod) : pause.underWay
}

interface Call {
  edges: Edges
  deadline: AbortSignal
}

/** The version is read once per start: it can't change while the bridge runs. */
async function versionOf(
  url: string,
  {
    reading,
    written,
    edges,
    deadline,
  }: Call & { reading: BridgeReading; written: BridgeFacts | undefined },
): Promise<string | undefined> {
  const sameStart = written?.startupTime === Math.round(reading.startup_time)
  if (sameStart && written.version !== undefined) return written.version
  const about = await edges.readJson(`${url}/about/version`, deadline).catch(() => undefined)
  const version = (about as { version?: unknown } | null | undefined)?.version
  return typeof version === 'string' ? version : undefined
}

/**
 * Level-triggered: a bridge that restarted inside its container has lost its drain flag, so the
 * intent is compared at every look. True if the bridge was told to change.
 */
async function carryOutIntent(
  pod: Pod,
  url: string,
  { flag, edges, deadline }: Call & { flag: boolean | undefined },
): Promise<boolean> {
  const intent = pod.metadata.annotations?.[annotation.intent]
  if (flag === undefined || (intent !== 'drain' && intent !== 'serve')) return false
  if (flag === (intent === 'drain')) return false
  const action = intent === 'drain' ? 'enable' : 'disable'
  return edges.post(`${url}/colibri/drain/${action}`, deadline).then(
    () => true,
    () => false,
  )
}
