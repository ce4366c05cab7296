import type { Context } from '../components/context.ts'
import { recorderJudgements } from '../components/jibri/judgement.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { isStuck } from '../components/jvb/replacing.ts'
import { linuxNodes, matchesNoNode } from '../components/jvb/topology.ts'
import type { Creation } from '../components/jvb/verdict.ts'
import { copyInUse } from '../components/password-copies.ts'
import { passwordSecretName } from '../components/passwords.ts'
import { passwordProblems } from '../components/secrets.ts'
import { type Judgement, maybe, no, yes } from '../kube/conditions.ts'
import { childName } from '../kube/names.ts'
import type { Problem } from '../settings/settings.ts'
import { hostPortsForbidden } from './host-ports.ts'
import { mediaJudgements } from './media-judgements.ts'
import type { SpecProblems } from './problems.ts'
import type { RestartGate } from './restart.ts'
import { areChanging, isOutdated, isUnfit } from './rollout.ts'

/** All that the conditions speak of. */
export interface Findings {
  context: Context
  problems: SpecProblems
  bridges: readonly Bridge[]
  fleet: FleetPlan | undefined
  withoutPort: readonly Creation[]
  desired: number
  waiting: readonly string[]
  gate: RestartGate | undefined
  missing: readonly string[]
}

/** The conditions of a Jitsi; every sentence says what to do where something is wrong. */
export function judgementsOf(findings: Findings): Judgement[] {
  return [
    ready(findings),
    configurationValid(findings),
    ...recorderJudgements(findings.context),
    ...suspended(findings),
    ...fleetJudgements(findings),
  ]
}

function fleetJudgements({ fleet, ...others }: Findings): Judgement[] {
  if (!fleet) return []
  const findings = { ...others, fleet }
  return [
    progressing(findings),
    signallingReachable(findings),
    ...mediaJudgements(findings),
    ...restartPending(findings),
    ...evacuationBlocked(findings),
  ]
}

/** The same where bridges were planned: no mistake in the spec, and not suspended. */
type PlannedFindings = Findings & { fleet: FleetPlan }

const parts = ['prosody', 'jicofo', 'web'] as const

function ready({ context, problems, bridges, desired }: Findings): Judgement {
  const [problem] = problems.fatal
  if (problem) return no('Ready', problem.reason, problem.message)
  if (copyInUse(context) === undefined) return waitingForSecret(context)
  const down = parts.filter(part => !isAvailable(context, part))
  if (down.length > 0) {
    return no(
      'Ready',
      'ComponentsUnavailable',
      `${down.join(', ')} not available yet: see kubectl describe pod`,
    )
  }
  const serving = bridges.filter(({ state }) => state === 'Serving').length
  if (serving === 0 && matchesNoNode(context)) return noNode('Ready', context)
  const forbidden = hostPortsForbidden('Ready', context)
  if (serving === 0 && forbidden) return forbidden
  if (serving === 0 && desired > 0) {
    return no(
      'Ready',
      'NoServingBridge',
      `none of ${desired} bridges serves yet: see status.bridges`,
    )
  }
  return yes('Ready', 'Available', `people can meet at https://${context.spec.domain}`)
}

function waitingForSecret(context: Context): Judgement {
  const [problem] = passwordProblems(context)
  if (problem) return no('Ready', problem.reason, problem.message)
  const name = passwordSecretName(context)
  return no('Ready', 'WaitingForSecret', `Secret ${name} with the passwords is not there yet`)
}

function isAvailable({ observed, instance, spec }: Context, part: string): boolean {
  if (part === 'web' && spec.web.replicas === 0) return true
  const { status } = observed.deployments.get(childName(instance, part)) ?? {}
  return (status?.availableReplicas ?? 0) > 0
}

/** A condition is to be read by people. */
const mostSentences = 5

function configurationValid({ problems, missing }: Findings): Judgement {
  const all: Problem[] = [...problems.fatal, ...problems.minor]
  const [first] = all
  if (first) {
    const sentences = all.slice(0, mostSentences).map(({ message }) => message)
    const left = all.length - sentences.length
    const more = left > 0 ? ` (and ${left} more)` : ''
    return no('ConfigurationValid', first.reason, `${sentences.join(' ')}${more}`)
  }
  if (missing.length > 0) {
    return no(
      'ConfigurationValid',
      'ReferenceMissing',
      `${missing.join(', ')} not found in this namespace: create it, or take it out of the spec; until then nothing that uses it changes`,
    )
  }
  return yes('ConfigurationValid', 'Valid', 'every field and setting is understood')
}

function suspended({ context: { spec } }: Findings): Judgement[] {
  if (!spec.suspend) return []
  return [yes('Suspended', 'Suspended', 'spec.suspend is true: nothing changes until it is false')]
}

/** A list of nodes that has not arrived looks the same, so nothing is removed because of it. */
function noNode(type: string, { spec }: Context): Judgement {
  const labels = Object.entries(spec.jvb.nodeSelector ?? linuxNodes).map(pair => pair.join('='))
  return no(
    type,
    'NoMatchingNode',
    `no node has the labels ${labels.join(', ')} (spec.jvb.nodeSelector) and only taints that spec.jvb.tolerations bears: label a node, or change the spec; until then bridges stay as they are`,
  )
}

function progressing(findings: PlannedFindings): Judgement {
  const { context, bridges, fleet, withoutPort } = findings
  if (matchesNoNode(context)) return noNode('Progressing', context)
  const stuck = bridges.filter(bridge => isStuck(bridge, context.now))
  const [first] = stuck
  if (first) {
    return no(
      'Progressing',
      'BridgePending',
      `${first.name} finds no node: ${schedulerSays(first)}`,
    )
  }
  if (fleet.frozen)
    return no('Progressing', 'Frozen', 'bridges are left alone while all of them are without XMPP')
  if (areChanging({ bridges, fleet, withoutPort, now: context.now })) {
    return yes(
      'Progressing',
      'BridgesChanging',
      'bridges are being made, drained or replaced: see status.bridges',
    )
  }
  const [unfit, ...more] = bridges.filter(
    bridge => isUnfit(bridge, fleet) && !isOutdated(bridge, fleet),
  )
  if (unfit) {
    const others = more.length > 0 ? `, as ${more.length} more,` : ''
    return no(
      'Progressing',
      'BridgesUnfit',
      `${unfit.name} on node ${unfit.node}${others} takes no meetings, while others do: ${unfit.facts?.mucsJoined ? 'it is not well' : 'it has never joined prosody'}; look at its log, and at the way from its node to prosody. Until it does, or the spec changes, bridges are missing or outdated`,
    )
  }
  return rolloutWaits(findings) ?? no('Progressing', 'Complete', 'nothing is under way')
}

/** Bridges of an older spec that nothing takes the place of now, and what they wait for. */
function rolloutWaits({ bridges, fleet }: PlannedFindings): Judgement | undefined {
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
    `${count} bridges are of an older spec, such as ${first.name}; each is replaced when it is empty or others have room for its people, and its node, prosody and jicofo are ready`,
  )
}

const schedulerSays = ({ pod }: Bridge): string =>
  pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ??
  'the scheduler has not said why'

function signallingReachable({ bridges, fleet }: PlannedFindings): Judgement {
  if (fleet.frozen) {
    return no(
      'SignallingReachable',
      'AllBridgesUnjoined',
      'every bridge lost its XMPP server at once: look at prosody; the bridges are left alone',
    )
  }
  const joined = bridges.some(({ facts }) => (facts?.mucsJoined ?? 0) > 0)
  return joined
    ? yes('SignallingReachable', 'BridgesJoined', 'bridges are joined to prosody')
    : maybe('SignallingReachable', 'NoBridgeJoined', 'no bridge has joined prosody yet')
}

function restartPending({ waiting, gate }: Findings): Judgement[] {
  if (gate === undefined) return []
  return [
    yes(
      'RestartPending',
      gate.reason,
      `a change of ${waiting.join(' and ')} waits: ${gate.message}`,
    ),
  ]
}

function evacuationBlocked({ fleet }: PlannedFindings): Judgement[] {
  const blocked = fleet.evacuationBlocked
  return blocked ? [{ ...blocked, message: `an evacuation is due: ${blocked.message}` }] : []
}
