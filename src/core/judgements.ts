import type { Context } from '../components/context.ts'
import { recorderJudgements } from '../components/jibri/judgement.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { matchesNoNode } from '../components/jvb/topology.ts'
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
import { noNode, progressing } from './progress-judgement.ts'
import type { RestartGate } from './restart.ts'

/** All that the conditions speak of. */
export interface Findings {
  context: Context
  problems: SpecProblems
  bridges: readonly Bridge[]
  fleet: FleetPlan | undefined
  withoutPort: readonly Creation[]
  /** A bridge that the API server refuses. */
  refused: string | undefined
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
    return no('ConfigurationValid', first.reason, `${sentences.join('; ')}${more}`)
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

function signallingReachable({ bridges, fleet }: PlannedFindings): Judgement {
  if (fleet.frozen) {
    return no(
      'SignallingReachable',
      'AllBridgesUnjoined',
      'every bridge lost its XMPP server at once: look at prosody; the bridges are left alone. Where prosody is well, look at the way from their nodes to it; after ten minutes one more is made, which may reach it. With a daemonset, delete the Pod of one: another is made in its place',
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
