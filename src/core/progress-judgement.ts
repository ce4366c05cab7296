import type { Context } from '../components/context.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { isStuck } from '../components/jvb/replacing.ts'
import { failedLately } from '../components/jvb/roles.ts'
import { linuxNodes, matchesNoNode } from '../components/jvb/topology.ts'
import type { Creation } from '../components/jvb/verdict.ts'
import { type Judgement, no, yes } from '../kube/conditions.ts'
import { areChanging, isOutdated, isUnfit } from './rollout.ts'

/** What the condition about progress speaks of. */
export interface ProgressFindings {
  context: Context
  bridges: readonly Bridge[]
  fleet: FleetPlan
  withoutPort: readonly Creation[]
  /** A bridge that the API server refuses. */
  refused: string | undefined
  desired: number
}

/** Is anything under way, and if not, is that as it should be? */
export function progressing(findings: ProgressFindings): Judgement {
  const { context, fleet, refused } = findings
  if (matchesNoNode(context)) return noNode('Progressing', context)
  return (
    findsNoNode(findings) ??
    (fleet.frozen ? frozen : undefined) ??
    (refused === undefined ? undefined : isRefused(refused)) ??
    endsAtOnce(findings) ??
    (areChanging({ ...findings, now: context.now }) ? changing : undefined) ??
    takesNone(findings) ??
    rolloutWaits(findings) ??
    someMissing(findings) ??
    no('Progressing', 'Complete', 'nothing is under way')
  )
}

const frozen = no(
  'Progressing',
  'Frozen',
  'bridges are left alone while all of them are without XMPP',
)

const changing = yes(
  'Progressing',
  'BridgesChanging',
  'bridges are being made, drained or replaced: see status.bridges',
)

function findsNoNode({ context, bridges }: ProgressFindings): Judgement | undefined {
  const stuck = bridges.find(bridge => isStuck(bridge, context.now))
  return (
    stuck &&
    no('Progressing', 'BridgePending', `${stuck.name} finds no node: ${schedulerSays(stuck)}`)
  )
}

const isRefused = (name: string) =>
  no(
    'Progressing',
    'BridgesRefused',
    `${name} is made again and again, and does not appear: the API server refuses it, as for a quota or a policy of the namespace; an event SyncError of kubectl describe jitsi says why`,
  )

function endsAtOnce({ context, bridges }: ProgressFindings): Judgement | undefined {
  const [ended, ...more] = bridges.filter(bridge => failedLately(bridge, context.now))
  return (
    ended &&
    no(
      'Progressing',
      'BridgesEnding',
      `${withOthers(ended, more)} ended as soon as it was made: ${endedAs(ended)}. Another one is tried each minute`,
    )
  )
}

/** Bridges of the spec in force that are there to serve, and do not. */
function takesNone({ context, bridges, fleet }: ProgressFindings): Judgement | undefined {
  const anyServes = bridges.some(({ state }) => state === 'Serving')
  const [unfit, ...more] = bridges.filter(
    bridge => isUnfit(bridge, fleet, context.now) && !isOutdated(bridge, fleet),
  )
  return (
    unfit &&
    no(
      'Progressing',
      'BridgesUnfit',
      `${withOthers(unfit, more)} takes no meetings, ${anyServes ? 'while others do' : 'nor does any other'}: ${unfit.facts?.mucsJoined ? 'it is not well' : 'it has never joined prosody'}; look at its log, and at the way from its node to prosody. Until it does, or the spec changes, bridges are missing or outdated`,
    )
  )
}

/** Bridges of an older spec that nothing takes the place of now, and what they wait for. */
function rolloutWaits({ bridges, fleet }: ProgressFindings): Judgement | undefined {
  const old = bridges.filter(bridge => bridge.state !== 'Terminating' && isOutdated(bridge, fleet))
  const [first] = old
  if (!first) return undefined
  const count = `${old.length} of ${bridges.length}`
  const silent = bridges.filter(bridge => bridge.state === 'Suspect' && !isOutdated(bridge, fleet))
  if (silent[0]) {
    return no(
      'Progressing',
      'RolloutStopped',
      `${count} bridges are of an older spec, such as ${first.name}, and stay: ${silent.length} of the new one, such as ${silent[0].name}, never answered or fell silent; look at their logs and nodes, or change the spec`,
    )
  }
  return no(
    'Progressing',
    'RolloutWaiting',
    `${count} bridges are of an older spec, such as ${first.name}; each is replaced when it answers, it is empty or others have room for its people, and its node, prosody and jicofo are ready. Delete the Pod of one that never will`,
  )
}

/** Fewer serve than are wanted, and no more are made: others came to nothing, or may be back. */
function someMissing({ bridges, desired }: ProgressFindings): Judgement | undefined {
  const serving = bridges.filter(({ state }) => state === 'Serving').length
  if (serving >= desired) return undefined
  const count = `${serving} of ${desired} bridges serve`
  const [silent, ...more] = bridges.filter(({ state }) => state === 'Suspect')
  if (silent) {
    return no(
      'Progressing',
      'BridgesMissing',
      `${count}: ${withOthers(silent, more)} never answered or fell silent, and no more are made for now; look at its log and its node`,
    )
  }
  return no(
    'Progressing',
    'BridgesMissing',
    `${count}, and no more are made for now: see to nodes that are not ready, and to the condition PortsAvailable`,
  )
}

/** One bridge by name and node, and how many more there are of its kind. */
const withOthers = ({ name, node }: Bridge, { length }: readonly Bridge[]): string =>
  `${name} on node ${node}${length > 0 ? `, as ${length} more,` : ''}`

/** What the kubelet says of a Pod that it did not take; of a program that ended, its log tells. */
const endedAs = ({ pod: { status = {} } }: Bridge): string =>
  [status.reason, status.message].filter(Boolean).join(': ') || 'look at its log'

const schedulerSays = ({ pod }: Bridge): string =>
  pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ??
  'the scheduler has not said why'

/** A list of nodes that has not arrived looks the same, so nothing is removed because of it. */
export function noNode(type: string, { spec }: Context): Judgement {
  const labels = Object.entries(spec.jvb.nodeSelector ?? linuxNodes).map(pair => pair.join('='))
  return no(
    type,
    'NoMatchingNode',
    `no node has the labels ${labels.join(', ')} (spec.jvb.nodeSelector) and only taints that spec.jvb.tolerations bears: label a node, or change the spec; until then bridges stay as they are`,
  )
}
