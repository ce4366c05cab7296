import { parseNodeFacts } from '../api/facts.ts'
import type { ObserveRequest, ObserveResponse } from '../api/metacontroller.ts'
import { annotation, label } from '../kube/annotations.ts'
import { goneNode, isUninitialized, nodeFacts } from '../kube/node.ts'
import { isLeaving } from '../kube/pod.ts'
import type { Pod } from '../kube/types.ts'
import type { Edges } from './edges.ts'
import { lookAtBridge } from './look-at-bridge.ts'
import { lookAtJibri } from './look-at-jibri.ts'
import { lookAtJicofo } from './look-at-jicofo.ts'
import { isManaged, isOwnedByJitsi } from './pod.ts'
import { type Look, type Sight, settledPause } from './sight.ts'

/*
 *        Pod (intent, facts)                       annotations that changed, or none
 *   ──────────────────────────▶  observe  ────────────────────────────────────────▶
 *                             GET metrics, GET node, POST drain
 *
 * It talks to the programs of Jitsi, and carries out what the plan wants of them. Metacontroller
 * writes what is answered into the Pod, and each write wakes the plan of the whole Jitsi; so what
 * still holds is not answered again.
 */

const looks: ReadonlyMap<string, Look> = new Map([
  ['jvb', lookAtBridge],
  ['jicofo', lookAtJicofo],
  ['jibri', lookAtJibri],
])

/** A Pod on its way out is not called any more, but its people still depend on its Node. */
const onlyItsNode: Look = async pod => ({ resyncAfterSeconds: settledPause(pod) })

/**
 * Looks at one Pod: reads its facts and those of its Node, and carries out the plan's intent.
 * Never rejects because of what a Pod or the API server does: what can't be read stays as it is
 * written, marked unreachable.
 */
export async function observe(request: ObserveRequest, edges: Edges): Promise<ObserveResponse> {
  const pod = request.object as Pod
  const look = looks.get(pod.metadata.labels?.[label.observe] ?? '')
  if (look === undefined || !isManaged(pod)) return { annotations: {}, attachments: [] }
  const call = { edges, deadline: edges.deadline() }
  const [sight, node] = await Promise.all([
    isLeaving(pod) ? onlyItsNode(pod, call) : look(pod, call),
    isOwnedByJitsi(pod) ? lookAtNode(pod, call) : undefined,
  ])
  return answerOf(sight, node)
}

function answerOf({ facts, resyncAfterSeconds }: Sight, node: string | undefined): ObserveResponse {
  return {
    annotations: {
      ...(facts && { [annotation.facts]: JSON.stringify(facts) }),
      ...(node !== undefined && { [annotation.node]: node }),
    },
    attachments: [],
    ...(resyncAfterSeconds !== undefined && { resyncAfterSeconds }),
  }
}

/** The Node's facts as text if they differ from the written ones. */
async function lookAtNode(
  pod: Pod,
  { edges, deadline }: { edges: Edges; deadline: AbortSignal },
): Promise<string | undefined> {
  const name = pod.spec.nodeName
  if (name === undefined) return undefined
  const node = await edges.readNode(name, deadline).catch(() => undefined)
  if (node === undefined || (node !== 'gone' && isUninitialized(node))) return undefined
  const written = pod.metadata.annotations?.[annotation.node]
  const facts = node === 'gone' ? goneNode(name, parseNodeFacts(written)) : nodeFacts(name, node)
  const text = JSON.stringify(facts)
  return text === written ? undefined : text
}
