import { type BridgeFacts, parseBridgeFacts, parseNodeFacts } from '../../src/api/facts.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import type { Decision, Plan } from '../../src/core/plan.ts'
import { annotation } from '../../src/kube/annotations.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'

/*
 * What one call of the plan was shown of the bridges and what it answered, read without any of the
 * plan's own code: the laws must not make the mistakes that they look for.
 */

/** One bridge as the plan was shown it, and its fate. */
export interface Seen {
  pod: Pod
  name: string
  /** The node that it is on or pinned to. */
  node: string | undefined
  facts: BridgeFacts | undefined
  drained: boolean
  terminating: boolean
  ended: boolean
  /** Its node is to be left, or gone. */
  leaving: boolean
  /** What clients were told that its address is; it reads that once, at its start. */
  told: string | undefined
  /** The public addresses of its node as they are now. */
  nodeAddresses: readonly string[]
  /** What the answer says of it; undefined for one that is left out, and so deleted. */
  answered: KubeObject | undefined
  decision: Decision | undefined
}

/** Everything that one call was about. */
export interface Look {
  bridges: Seen[]
  created: { name: string; object: KubeObject; decision: Decision | undefined }[]
  plan: Plan
  desired: number
}

const isBridge = ({ metadata }: KubeObject) => /-jvb-\d+$/.test(metadata.name)

export function lookAt({ children }: SyncRequest, plan: Plan): Look {
  const answers = plan.response.children.filter(({ kind }) => kind === 'Pod').filter(isBridge)
  const answered = new Map(answers.map(object => [object.metadata.name, object]))
  const pods = Object.values(children['Pod.v1'] ?? {}).filter(isBridge) as Pod[]
  const there = new Set(pods.map(({ metadata }) => metadata.name))
  const decided = (name: string) => plan.decisions.find(({ object }) => object === name)
  const { fleet } = plan.response.status as { fleet?: { desired?: number } }
  return {
    bridges: pods.map(pod => {
      const name = pod.metadata.name
      return { ...read(pod), answered: answered.get(name), decision: decided(name) }
    }),
    created: [...answered]
      .filter(([name]) => !there.has(name))
      .map(([name, object]) => ({ name, object, decision: decided(name) })),
    plan,
    desired: fleet?.desired ?? 0,
  }
}

function read(pod: Pod): Omit<Seen, 'answered' | 'decision'> {
  const { annotations: notes = {}, name, deletionTimestamp } = pod.metadata
  const home = parseNodeFacts(notes[annotation.node])
  const phase = pod.status?.phase
  return {
    pod,
    name,
    node: pod.spec.nodeName ?? notes[annotation.pinnedTo],
    facts: parseBridgeFacts(notes[annotation.facts]),
    drained: notes[annotation.intent] === 'drain',
    terminating: deletionTimestamp !== undefined,
    ended: phase === 'Failed' || phase === 'Succeeded',
    leaving: home?.gone === true || Boolean(home?.leaving),
    told: notes[annotation.advertise],
    nodeAddresses: home?.externalIPs ?? [],
  }
}

/** Is it to take meetings after this call? */
export const staysInService = ({ answered, terminating, ended }: Seen) =>
  !terminating && !ended && answered?.metadata.annotations?.[annotation.intent] === 'serve'

/** Was it in service before this call, and is not after it? */
export const isTakenOut = (bridge: Seen) =>
  !bridge.drained && !bridge.terminating && !bridge.ended && !staysInService(bridge)

/** Did it drain before this call, and is in service after it? */
export const isTakenBack = (bridge: Seen) => bridge.drained && staysInService(bridge)

/** Does it take meetings, as far as the plan can know? */
export const isServing = ({ facts, terminating, ended, pod }: Seen) =>
  !terminating &&
  !ended &&
  pod.spec.nodeName !== undefined &&
  facts?.reachable === true &&
  facts.healthy &&
  !facts.draining &&
  !facts.shuttingDown &&
  facts.mucsJoined > 0

/** The deadline of its drain, in milliseconds. */
export const deadlineOf = ({ pod }: Pick<Seen, 'pod'>) =>
  1000 * Number(pod.metadata.annotations?.[annotation.drainDeadline] ?? Number.NaN)
