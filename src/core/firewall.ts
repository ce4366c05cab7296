import type { PortStatus } from '../api/jitsi-status.ts'
import type { Context } from '../components/context.ts'
import { turnAddress } from '../components/coturn-address.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import { ingressAddresses, publicAddresses } from '../components/jvb/public-address.ts'
import { childName } from '../kube/names.ts'

/** What the firewall must let in, beside the web page. */
export const portsStatus = (context: Context, bridges: readonly Bridge[]): PortStatus[] => [
  ...bridgePorts(context, bridges),
  ...coturnPorts(context),
  ...jigasiPorts(context),
]

function bridgePorts(context: Context, bridges: readonly Bridge[]): PortStatus[] {
  const { ports, exposure } = context.spec.jvb
  const to = ports.udp + ports.count - 1
  const range = (target: string, from = ports.udp, last = to) => udp(target, from, last)
  if (exposure.type === 'None') return []
  if (exposure.type === 'NodePort') {
    return [...context.observed.services.values()]
      .flatMap(({ spec }) => (spec?.type === 'NodePort' ? (spec.ports ?? []) : []))
      .filter(({ protocol }) => protocol === 'UDP')
      .map(({ nodePort = 0 }) => range('nodes', nodePort, nodePort))
      .filter(({ from }) => from > 0)
      .sort((a, b) => a.from - b.from)
  }
  if (exposure.type !== 'LoadBalancer') return [range('nodes')]
  const [anyBridge] = bridges
  const addresses = anyBridge ? publicAddresses(context, anyBridge) : []
  const target = addresses.length > 0 ? addresses.join(', ') : 'the load balancer'
  return [exposure.perBridge ? range('load balancers', ports.udp, ports.udp) : range(target)]
}

/** Clients come to the TURN server over TCP, on the network of a node over UDP too. */
function coturnPorts(context: Context): PortStatus[] {
  const { spec, observed, instance } = context
  const { enabled, exposure, ports, tls, host } = spec.coturn
  if (!enabled || exposure.type === 'ClusterIP') return []
  const listening = [ports.turn, ...(tls ? [ports.turns] : [])]
  if (exposure.type === 'HostNetwork') {
    const hosts = turnAddress(context)?.hosts.join(', ')
    const target = hosts ? `the node of coturn (${hosts})` : 'the node of coturn'
    return [udp(target, ports.turn), ...listening.map(port => tcp(target, port))]
  }
  const service = observed.services.get(childName(instance, 'coturn'))
  if (exposure.type === 'NodePort') {
    return (service?.spec?.ports ?? []).flatMap(({ nodePort }) =>
      nodePort ? [tcp('nodes', nodePort)] : [],
    )
  }
  const addresses = ingressAddresses(service).join(', ') || 'the load balancer'
  return listening.map(port => tcp(host ? `${addresses} (${host})` : addresses, port))
}

/** In a network of its own the telephone gateway only calls out. */
function jigasiPorts({ spec: { jigasi } }: Context): PortStatus[] {
  if (!jigasi.enabled || !jigasi.hostNetwork) return []
  return [udp('the node of jigasi', jigasi.ports.min, jigasi.ports.max)]
}

const udp = (target: string, from: number, to = from): PortStatus => ({
  protocol: 'UDP',
  from,
  to,
  target,
})

const tcp = (target: string, from: number): PortStatus => ({
  protocol: 'TCP',
  from,
  to: from,
  target,
})
