import type { BridgeFacts } from '../../api/facts.ts'
import { hasEnded } from '../../kube/pod.ts'
import type { Pod } from '../../kube/types.ts'

/*
 *  Pending → Starting → Serving ⇄ Draining → Empty → (left out of the answer: deleted)
 *                          ↓          ↓
 *                       Suspect     past the deadline: evacuated, one at a time
 *
 *  Failed: the Pod ended.   Terminating: Kubernetes is deleting it, nothing can be written to it.
 */
export type BridgeState =
  | 'Pending'
  | 'Starting'
  | 'Serving'
  | 'Draining'
  | 'Empty'
  | 'Suspect'
  | 'Failed'
  | 'Terminating'

/** How long a bridge may be without an answer before another one takes its place. */
const suspectSeconds = 120

/** How long a container may take until its bridge first answers: image pull, JVM, XMPP. */
const startSeconds = 300

/** After that it is for others to take the place of one that has not shown itself once. */
export const firstSignSeconds = startSeconds + suspectSeconds

interface Observation {
  pod: Pod
  facts: BridgeFacts | undefined
  intent: 'serve' | 'drain'
  now: Date
}

/** The state of a bridge, derived from what is observed and never remembered. */
export function stateOf(observation: Observation): BridgeState {
  const { pod, intent } = observation
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  if (hasEnded(pod)) return 'Failed'
  if (!pod.spec.nodeName) return 'Pending'
  if (isSuspect(observation)) return 'Suspect'
  if (intent === 'drain') return isEmpty(observation) ? 'Empty' : 'Draining'
  return isServing(observation.facts) ? 'Serving' : 'Starting'
}

/** Does it take meetings: it answers, is well, and joined the room of at least one shard. */
function isServing(facts: BridgeFacts | undefined): boolean {
  return facts?.healthy === true && !facts.draining && !facts.shuttingDown && facts.mucsJoined > 0
}

/** For how long it counts that somebody saw it so; the observer writes it anew before that. */
const freshSeconds = 60

/**
 * Do facts say what is so now? Only by such facts is a bridge taken for empty or lost: one that
 * nobody has looked at since, as while its removal was held up, may carry a meeting again.
 */
export const isFresh = ({ at }: BridgeFacts, now: Date): boolean =>
  now.getTime() - Date.parse(at) <= freshSeconds * 1000

function isEmpty({ facts, now }: Observation): boolean {
  return facts?.reachable === true && facts.empty && facts.draining && isFresh(facts, now)
}

function isSuspect({ pod, facts, now }: Observation): boolean {
  const secondsSince = (time: string | undefined) =>
    time === undefined ? 0 : (now.getTime() - new Date(time).getTime()) / 1000
  if (!facts) return secondsSince(pod.status?.startTime ?? boundAt(pod)) > firstSignSeconds
  return !facts.reachable && secondsSince(facts.since) > suspectSeconds
}

/**
 * When it was given a node: all that is known where a kubelet went silent before it heard of it.
 */
const boundAt = ({ status }: Pod): string | undefined =>
  status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'True')
    ?.lastTransitionTime
