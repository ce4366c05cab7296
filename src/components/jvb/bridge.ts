import {
  type BridgeFacts,
  type NodeFacts,
  parseBridgeFacts,
  parseNodeFacts,
} from '../../api/facts.ts'
import { annotation } from '../../kube/annotations.ts'
import { componentOf } from '../../kube/names.ts'
import type { Pod } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import { heldPort } from './held-port.ts'
import { type BridgeState, stateOf } from './state.ts'

/** One observed bridge: its Pod, what the plan wrote on it, and what the observer saw. */
export interface Bridge {
  readonly name: string
  readonly pod: Pod
  /** The number at the end of the name; -1 for a Pod that has no name of a bridge. */
  readonly index: number
  readonly state: BridgeState
  readonly intent: 'serve' | 'drain'
  readonly intentReason: string
  readonly drainingSince: Date | undefined
  readonly drainDeadline: Date | undefined
  /** The node that it runs on or is pinned to. */
  readonly node: string | undefined
  readonly pinnedTo: string | undefined
  readonly port: number | undefined
  readonly portsRefused: readonly number[]
  readonly facts: BridgeFacts | undefined
  readonly nodeFacts: NodeFacts | undefined
}

/** The observed bridges of a Jitsi, by number. */
export function bridgesOf({ observed, now }: Context): Bridge[] {
  return observed.pods
    .filter(pod => componentOf(pod) === 'jvb')
    .map(pod => bridgeOf(pod, now))
    .sort((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1))
}

/**
 * The highest number of these bridges, or what status says of those before them; -1 if there was
 * none.
 */
export function highestNumber(said: unknown, bridges: readonly Bridge[]): number {
  const before = Number.isSafeInteger(said) ? Number(said) : -1
  return bridges.reduce((highest, { index }) => Math.max(highest, index), before)
}

function bridgeOf(pod: Pod, now: Date): Bridge {
  const { name, annotations: written = {} } = pod.metadata
  const facts = parseBridgeFacts(written[annotation.facts])
  const intent = written[annotation.intent] === 'drain' ? 'drain' : 'serve'
  const pinnedTo = written[annotation.pinnedTo]
  const deadline = Number(written[annotation.drainDeadline])
  return {
    name,
    pod,
    index: Number(/-jvb-(\d+)$/.exec(name)?.[1] ?? -1),
    state: stateOf({ pod, facts, intent, now }),
    intent,
    intentReason: written[annotation.intentReason] ?? '',
    drainingSince: dateOf(written[annotation.drainingSince]),
    drainDeadline: dateOf(deadline > 0 ? deadline * 1000 : undefined),
    node: pod.spec.nodeName ?? pinnedTo,
    pinnedTo,
    port: heldPort(pod),
    portsRefused: (written[annotation.portsRefused] ?? '').split(',').map(Number).filter(Boolean),
    facts,
    nodeFacts: parseNodeFacts(written[annotation.node]),
  }
}

/** Undefined for what is no time, or none that a clock can show: people edit annotations. */
function dateOf(time: string | number | undefined): Date | undefined {
  const date = new Date(time ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Is it known, by fresh facts, that nobody is on it? Whatever is unknown counts as busy. */
export function isIdle({ facts }: Bridge): boolean {
  return facts?.reachable === true && facts.participants + facts.conferences === 0
}

/**
 * Has its program certainly never come up? It has never run, or it does not run now and nobody has
 * ever heard of it, as where it crashes at each start. Only then may it go without a drain: nobody
 * may have looked at a running one since it was written down as empty.
 */
export function neverStarted({ pod, facts, state }: Bridge): boolean {
  if (state === 'Pending') return true
  const { phase, containerStatuses = [] } = pod.status ?? {}
  const isTold = phase === 'Pending' || containerStatuses.length > 0
  return !facts && isTold && !containerStatuses.some(({ state }) => state?.running)
}

/** Has it never carried anybody, as far as is known? Then it is the first one to go. */
export function neverServed(bridge: Bridge): boolean {
  const { facts } = bridge
  if (!facts) return neverStarted(bridge)
  // The total alone would not do: a bridge that does not report it has it as zero.
  return isIdle(bridge) && facts.mucsJoined === 0 && facts.endpointsTotal === 0
}

/** Does it serve, and has it answered just now? Who counts on others to serve counts on these. */
export function surelyServes({ state, facts }: Bridge): boolean {
  return state === 'Serving' && facts?.reachable === true
}

/** Is Kubernetes stopping it, and its grace period not over? One that hangs after that is not. */
export const isStopping = ({ state, pod }: Bridge, now: Date): boolean =>
  state === 'Terminating' && Date.parse(pod.metadata.deletionTimestamp ?? '') > now.getTime()

/** People on it, for choosing whom to drain; unknown sorts last. */
export function participantsOf({ facts }: Bridge): number {
  return facts?.reachable ? facts.participants : Number.POSITIVE_INFINITY
}
