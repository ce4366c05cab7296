import type { Context } from '../components/context.ts'
import { turnAddress } from '../components/coturn-address.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import { failedShare, fewestEndpoints } from '../components/jvb/ice.ts'
import { privatePort } from '../components/jvb/private-port.ts'
import { publicAddresses } from '../components/jvb/public-address.ts'
import { isRefused } from '../components/jvb/refused-ports.ts'
import type { Creation } from '../components/jvb/verdict.ts'
import { annotation } from '../kube/annotations.ts'
import { type Judgement, maybe, no, yes } from '../kube/conditions.ts'
import { childName } from '../kube/names.ts'
import { hostPortsForbidden } from './host-ports.ts'

/** What the conditions about the way of media speak of. */
export interface MediaFindings {
  context: Context
  bridges: readonly Bridge[]
  withoutPort: readonly Creation[]
}

/** The conditions about the way of media: to clients, between bridges, and the ports for it. */
export function mediaJudgements(findings: MediaFindings): Judgement[] {
  return [
    mediaReachable(findings),
    relaysReachable(findings),
    portsAvailable(findings),
    ...turnAddressKnown(findings.context),
  ]
}

function mediaReachable({ context, bridges }: MediaFindings): Judgement {
  if (hasNoWay(context) && !bridges.some(wasReached)) {
    return no(
      'MediaReachable',
      'NoWayForMedia',
      'spec.jvb.exposure.type is None, which leaves TURN alone to clients, and there is no TURN server: set spec.coturn.enabled, name one that reaches the Pods in spec.turn, or choose another type, such as HostPort',
    )
  }
  const unknown = bridges.filter(
    bridge => bridge.node && publicAddresses(context, bridge).length === 0,
  )
  const failing = bridges.find(
    ({ facts }) =>
      facts &&
      facts.endpointsTotal >= fewestEndpoints &&
      facts.iceFailedTotal > facts.endpointsTotal * failedShare &&
      isRecent(facts.iceFailedAt ?? facts.at, context.now),
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
    return maybe(
      'MediaReachable',
      'AddressUnknown',
      `${first.name} waits for its address, from ${addressSource(context)}`,
    )
  }
  const tried = bridges.some(({ facts }) => (facts?.endpointsTotal ?? 0) >= fewestEndpoints)
  const besides = leftOut(context, bridges)
  return tried
    ? yes('MediaReachable', 'ConnectionsSucceed', `clients reach the bridges${besides}`)
    : maybe('MediaReachable', 'NotTried', `too few people have met to tell${besides}`)
}

/** Until somebody reaches a bridge all the same: the network may lead clients to Pods. */
function hasNoWay({ spec: { jvb, turn, coturn, variables } }: Context): boolean {
  const named = turn ?? variables.TURN_HOST ?? variables.TURNS_HOST
  return jvb.exposure.type === 'None' && named === undefined && !coturn.enabled
}

function wasReached({ facts }: Bridge): boolean {
  const { endpointsTotal = 0, iceFailedTotal = 0 } = facts ?? {}
  return endpointsTotal >= fewestEndpoints && iceFailedTotal <= endpointsTotal * failedShare
}

/** What a bridge of both families can't offer, for those who wonder why nobody uses IPv6. */
function leftOut(context: Context, bridges: readonly Bridge[]): string {
  const [address] = bridges
    .flatMap(bridge => publicAddresses(context, bridge))
    .filter(address => address.includes(':'))
  return address
    ? `; IPv6 addresses such as ${address} are not offered to them, since the image maps from IPv4 only`
    : ''
}

/** Does its Pod run in a network of IPv6 alone? */
function hasNoIPv4({ pod }: Bridge): boolean {
  const { podIP, podIPs = [] } = pod.status ?? {}
  const addresses = [podIP, ...podIPs.map(({ ip }) => ip)].flatMap(ip => ip ?? [])
  return addresses.length > 0 && addresses.every(address => address.includes(':'))
}

function iceFailing({ name, facts, pod }: Bridge): Judgement {
  const address = pod.metadata.annotations?.[annotation.advertise] ?? 'its address'
  return no(
    'MediaReachable',
    'IceFailures',
    `${facts?.iceFailedTotal} of ${facts?.endpointsTotal} connections to ${name} at ${address} failed since its start, the last of them within the hour: likely the firewall drops UDP to that port (jitsi-operator ports lists them), the address is not the public one (spec.jvb.exposure.addresses), or clients have no UDP at all (spec.turn)`,
  )
}

function addressSource({ spec }: Context): string {
  return spec.jvb.exposure.type === 'LoadBalancer'
    ? 'the status of its load balancer: is a load balancer controller installed?'
    : 'its node: does the observer run (DecoratorController), and has the node the addresses that spec.jvb.exposure.addressSources names?'
}

function relaysReachable({ context, bridges }: MediaFindings): Judgement {
  const failing = bridges.find(
    ({ facts }) => facts?.relayFailedAt && isRecent(facts.relayFailedAt, context.now),
  )
  return failing
    ? no(
        'RelaysReachable',
        'RelayIceFailures',
        `${failing.name} could not reach other bridges in the last hour: allow UDP between the bridges’ Pods (NetworkPolicies, firewalls between nodes)`,
      )
    : yes('RelaysReachable', 'NoFailures', 'bridges reach each other')
}

/**
 * People and relays try anew with each meeting, so an hour without a failure is well: who mended
 * the firewall need not wait for the bridge's next start.
 */
function isRecent(failedAt: string, now: Date): boolean {
  return Date.parse(failedAt) > now.getTime() - 3_600_000
}

function portsAvailable({ context, bridges, withoutPort }: MediaFindings): Judgement {
  const forbidden = hostPortsForbidden('PortsAvailable', context)
  if (forbidden) return forbidden
  const { udp, count } = context.spec.jvb.ports
  const range = `UDP ports ${udp}-${udp + count - 1} (spec.jvb.ports)`
  const [first] = withoutPort
  if (first) {
    const { pinnedTo } = first
    const there = bridges.filter(bridge => !pinnedTo || bridge.node === pinnedTo)
    return no(
      'PortsAvailable',
      'PortsExhausted',
      `${range} are all taken on ${pinnedTo ? `node ${pinnedTo}` : 'every node'}, by ${there.length} of its bridges (status.bridges): raise spec.jvb.ports.count, or see to those that do not serve`,
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

/** Said where nobody names a host for the TURN server. */
function turnAddressKnown(context: Context): Judgement[] {
  const { enabled, host, exposure, nodeSelector = {} } = context.spec.coturn
  if (!enabled || host !== undefined) return []
  const address = turnAddress(context)
  if (address) {
    const places = address.hosts.map(it => `${it}:${address.port}`).join(', ')
    return [yes('TurnAddressKnown', 'AddressKnown', `clients find the TURN server at ${places}`)]
  }
  const labels = Object.entries(nodeSelector).map(pair => pair.join('='))
  const cause =
    exposure.type === 'LoadBalancer'
      ? `the load balancer of Service ${childName(context.instance, 'coturn')} has no IPv4 address: is a load balancer controller installed?`
      : `no node with the labels ${labels.join(', ')} (spec.coturn.nodeSelector) has shown an IPv4 address.`
  return [
    no(
      'TurnAddressKnown',
      'AddressUnknown',
      `${cause} Until then prosody goes on with what it tells clients now; spec.coturn.host says it by hand`,
    ),
  ]
}
