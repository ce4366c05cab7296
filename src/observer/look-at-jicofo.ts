import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type JicofoFacts, parseJicofoFacts } from '../api/facts.ts'
import { annotation } from '../kube/annotations.ts'
import { timeText } from '../kube/conditions.ts'
import type { Pod } from '../kube/types.ts'
import type { Edges } from './edges.ts'
import { privateUrl } from './pod.ts'
import { type Look, pause, settledPause } from './sight.ts'
import { answering, factsToWrite, steadyCount, unreachable } from './steady.ts'

const count = Type.Integer({ minimum: 0 })

/** `GET /stats` of jicofo, of which most is of no use here. */
const Stats = Type.Object({
  conferences: count,
  participants: count,
  bridge_selector: Type.Object({ operational_bridge_count: count }),
})

const load = ['conferences', 'participants', 'operationalBridges'] as const

/**
 * Reads one jicofo: whether its shard has meetings decides whether it may restart. Bridges can't
 * stand in for it, because people who wait alone or in a lobby have no bridge.
 */
export const lookAtJicofo: Look = async (pod, { edges, deadline }) => {
  const url = privateUrl(pod, 8888)
  if (url === undefined) return { resyncAfterSeconds: pause.underWay }
  const written = parseJicofoFacts(pod.metadata.annotations?.[annotation.facts])
  const body = await edges.readJson(`${url}/stats`, deadline).catch(() => undefined)
  const now = edges.now()
  const facts = Value.Check(Stats, body)
    ? jicofoFacts(body, written, now)
    : unreachableJicofo(written, now)
  const toWrite = facts && factsToWrite(facts, written, { load, now })
  return {
    ...(toWrite && { facts: toWrite }),
    resyncAfterSeconds: facts?.reachable ? settledPause(pod) : pause.underWay,
  }
}

/**
 * How many meetings a jicofo has at this moment; `silent` if it does not say within the deadline.
 */
export async function conferencesNow(pod: Pod, edges: Edges): Promise<number | 'silent'> {
  const url = privateUrl(pod, 8888)
  if (url === undefined) return 'silent'
  const body = await edges.readJson(`${url}/stats`, edges.deadline()).catch(() => undefined)
  return Value.Check(Stats, body) ? body.conferences : 'silent'
}

function jicofoFacts(
  stats: Static<typeof Stats>,
  written: JicofoFacts | undefined,
  now: Date,
): JicofoFacts {
  const first = written?.reachable ? written.emptySince : null
  return {
    ...answering(written, now),
    conferences: steadyCount(stats.conferences, written?.conferences),
    participants: steadyCount(stats.participants, written?.participants),
    operationalBridges: stats.bridge_selector.operational_bridge_count,
    emptySince: stats.conferences === 0 ? (first ?? timeText(now)) : null,
  }
}

/** A jicofo that does not answer is not known to be without meetings. */
function unreachableJicofo(written: JicofoFacts | undefined, now: Date) {
  const facts = unreachable(written, now)
  return facts && { ...facts, emptySince: null }
}
