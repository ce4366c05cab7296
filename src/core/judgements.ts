import type { Context } from '../components/context.ts'
import { recorderJudgements } from '../components/jibri/judgement.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import { publicAddresses } from '../components/jvb/exposure.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { isStuck } from '../components/jvb/group-plan.ts'
import { failedShare, fewestEndpoints } from '../components/jvb/ice.ts'
import { privatePort } from '../components/jvb/private-port.ts'
import { isRefused } from '../components/jvb/refused-ports.ts'
import { linuxNodes, matchesNoNode } from '../components/jvb/topology.ts'
import type { Creation } from '../components/jvb/verdict.ts'
import { copyInUse } from '../components/password-copies.ts'
import { passwordSecretName } from '../components/passwords.ts'
import { passwordProblems } from '../components/secrets.ts'
import type { Judgement } from '../kube/conditions.ts'
import { childName } from '../kube/names.ts'
import type { Problem } from '../settings/settings.ts'
import { hostPortsForbidden } from './host-ports.ts'
import type { SpecProblems } from './problems.ts'
import type { RestartGate } from './restart.ts'

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

const yes = (type: string, reason: string, message: string): Judgement => ({
  type,
  status: 'True',
  reason,
  message,
})
const no = (type: string, reason: string, message: string): Judgement => ({
  ...yes(type, reason, message),
  status: 'False',
})

/** The conditions of a Jitsi; every sentence says what to do where something is wrong. */
export function judgementsOf(findings: Findings): Judgement[] {
  return [
    ready(findings),
    configurationValid(findings),
    ...recorderJudgements(findings.context),
    ...suspended(findings),
    ...(findings.fleet ? fleetJudgements(findings) : []),
  ]
}

function fleetJudgements(findings: Findings): Judgement[] {
  return [
    progressing(findings),
    signallingReachable(findings),
    mediaReachable(findings),
    relaysReachable(findings),
    portsAvailable(findings),
    ...restartPending(findings),
    ...evacuationBlocked(findings),
  ]
}

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
  const forbidden = hostPortsForbidden(context)
  if (serving === 0 && forbidden) return no('Ready', forbidden.reason, forbidden.message)
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

function progressing({ context, bridges, fleet, withoutPort }: Findings): Judgement {
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
  if (fleet?.frozen)
    return no('Progressing', 'Frozen', 'bridges are left alone while all of them are without XMPP')
  const unplaced = new Set(withoutPort)
  const moving = [
    ...(fleet?.verdicts.values() ?? []),
    ...(fleet?.creations ?? []).filter(creation => !unplaced.has(creation)),
  ]
  const unsettled = bridges.filter(({ state }) => state !== 'Serving' && state !== 'Suspect')
  if (moving.length + unsettled.length === 0)
    return no('Progressing', 'Complete', 'nothing is under way')
  return yes(
    'Progressing',
    'BridgesChanging',
    'bridges are being made, drained or replaced: see status.bridges',
  )
}

const schedulerSays = ({ pod }: Bridge): string =>
  pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ??
  'the scheduler has not said why'

function signallingReachable({ bridges, fleet }: Findings): Judgement {
  if (fleet?.frozen) {
    return no(
      'SignallingReachable',
      'AllBridgesUnjoined',
      'every bridge lost its XMPP server at once: look at prosody; the bridges are left alone',
    )
  }
  const joined = bridges.some(({ facts }) => (facts?.mucsJoined ?? 0) > 0)
  return joined
    ? yes('SignallingReachable', 'BridgesJoined', 'bridges are joined to prosody')
    : {
        ...no('SignallingReachable', 'NoBridgeJoined', 'no bridge has joined prosody yet'),
        status: 'Unknown',
      }
}

function mediaReachable({ context, bridges }: Findings): Judgement {
  const unknown = bridges.filter(
    bridge => bridge.node && publicAddresses(context, bridge).length === 0,
  )
  const failing = bridges.find(
    ({ facts }) =>
      facts &&
      facts.endpointsTotal >= fewestEndpoints &&
      facts.iceFailedTotal > facts.endpointsTotal * failedShare,
  )
  if (failing) return iceFailing(failing)
  const withoutIPv4 = bridges.find(hasNoIPv4)
  if (withoutIPv4) {
    return no(
      'MediaReachable',
      'PodWithoutIPv4',
      `${withoutIPv4.name} has no IPv4 address of its own, and the image maps media from that: bridges need a cluster of IPv4 or of both families`,
    )
  }
  const onlyIPv6 = bridges.find(bridge => {
    const addresses = publicAddresses(context, bridge)
    return addresses.length > 0 && addresses.every(address => address.includes(':'))
  })
  if (onlyIPv6) {
    return no(
      'MediaReachable',
      'IPv6Only',
      `${onlyIPv6.name} has IPv6 addresses only, and the image maps from IPv4: name an IPv4 address in spec.jvb.exposure.addresses`,
    )
  }
  const [first] = context.spec.jvb.exposure.type === 'None' ? [] : unknown
  if (first) {
    return {
      ...no(
        'MediaReachable',
        'AddressUnknown',
        `${first.name} waits for its address, from ${addressSource(context)}`,
      ),
      status: 'Unknown',
    }
  }
  const tried = bridges.some(({ facts }) => (facts?.endpointsTotal ?? 0) >= fewestEndpoints)
  return tried
    ? yes('MediaReachable', 'ConnectionsSucceed', 'clients reach the bridges')
    : { ...no('MediaReachable', 'NotTried', 'too few people have met to tell'), status: 'Unknown' }
}

/** Does its Pod run in a network of IPv6 alone? */
function hasNoIPv4({ pod }: Bridge): boolean {
  const { podIP, podIPs = [] } = pod.status ?? {}
  const addresses = [podIP, ...podIPs.map(({ ip }) => ip)].flatMap(ip => ip ?? [])
  return addresses.length > 0 && addresses.every(address => address.includes(':'))
}

function iceFailing({ name, facts, pod }: Bridge): Judgement {
  const address = pod.metadata.annotations?.['apps.jit.si/advertise'] ?? 'its address'
  return no(
    'MediaReachable',
    'IceFailures',
    `${facts?.iceFailedTotal} of ${facts?.endpointsTotal} connections to ${name} at ${address} failed: likely the firewall drops UDP to that port (jitsi-operator ports lists them), the address is not the public one (spec.jvb.exposure.addresses), or clients have no UDP at all (spec.turn)`,
  )
}

function addressSource({ spec }: Context): string {
  return spec.jvb.exposure.type === 'LoadBalancer'
    ? 'the status of its load balancer: is a load balancer controller installed?'
    : 'its node: does the observer run (DecoratorController), and has the node the addresses that spec.jvb.exposure.addressSources names?'
}

/** Bridges try a relay anew with each meeting that needs it, so an hour without a failure is well. */
const relayMemorySeconds = 3600

function relaysReachable({ context, bridges }: Findings): Judgement {
  const since = context.now.getTime() - relayMemorySeconds * 1000
  const failing = bridges.find(({ facts }) => Date.parse(facts?.relayFailedAt ?? '') > since)
  return failing
    ? no(
        'RelaysReachable',
        'RelayIceFailures',
        `${failing.name} could not reach other bridges in the last hour: allow UDP between the bridges’ Pods (NetworkPolicies, firewalls between nodes)`,
      )
    : yes('RelaysReachable', 'NoFailures', 'bridges reach each other')
}

function portsAvailable({ context, bridges, withoutPort }: Findings): Judgement {
  const forbidden = hostPortsForbidden(context)
  if (forbidden) return no('PortsAvailable', forbidden.reason, forbidden.message)
  const { udp, count } = context.spec.jvb.ports
  const range = `UDP ports ${udp}-${udp + count - 1} (spec.jvb.ports)`
  const [first] = withoutPort
  if (first) {
    const where = first.pinnedTo ? `node ${first.pinnedTo}` : 'every node'
    return no(
      'PortsAvailable',
      'PortsExhausted',
      `${range} are all taken on ${where}: raise spec.jvb.ports.count`,
    )
  }
  const refused = bridges.find(isRefused)
  if (refused && context.spec.jvb.exposure.type === 'HostNetwork') {
    return no(
      'PortsAvailable',
      'HostPortsTaken',
      `${refused.name} finds UDP port ${refused.port} or TCP port ${privatePort} taken on every node that it fits on: with HostNetwork a node runs one bridge, and needs both ports free; add nodes, or choose HostPort`,
    )
  }
  if (refused) {
    const where = refused.pinnedTo ? `node ${refused.pinnedTo}` : 'every node that it fits on'
    return no(
      'PortsAvailable',
      'PortsExhausted',
      `${refused.name} finds ${range} taken on ${where}: raise spec.jvb.ports.count or add nodes`,
    )
  }
  return yes('PortsAvailable', 'PortsFree', `${range} have room`)
}

function restartPending({ waiting, gate }: Findings): Judgement[] {
  if (waiting.length === 0) return []
  return [
    yes(
      'RestartPending',
      gate?.reason ?? 'Waiting',
      `a change of ${waiting.join(' and ')} waits: ${gate?.message}`,
    ),
  ]
}

function evacuationBlocked({ fleet }: Findings): Judgement[] {
  if (!fleet?.evacuationBlocked) return []
  return [yes('EvacuationBlocked', 'NoRoom', `an evacuation is due: ${fleet.evacuationBlocked}`)]
}
