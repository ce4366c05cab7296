import { annotation } from '../../kube/annotations.ts'
import type { Service } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'
import { sharedServiceName } from './media-services.ts'

/* Under which addresses and ports people reach the bridges. */

/**
 * `address#port,…` that a bridge should advertise, or undefined while that is not known. IPv6 is
 * left out: the image maps from its IPv4 address only.
 */
export function advertised(context: Context, bridge: Bridge): string | undefined {
  const port = publicPort(context, bridge)
  const addresses = publicAddresses(context, bridge).filter(address => !address.includes(':'))
  if (port === undefined || addresses.length === 0) return undefined
  return addresses.map(address => `${address}#${port}`).join(',')
}

/** Has a bridge started with an address that is not its own any more? It reads it only once. */
export function addressChanged(context: Context, bridge: Bridge): boolean {
  const written = bridge.pod.metadata.annotations?.[annotation.advertise]
  const now = advertised(context, bridge)
  const sorted = (addresses: string) => addresses.split(',').sort().join(',')
  return Boolean(written && now && sorted(written) !== sorted(now))
}

/** Addresses under which clients reach a bridge, of any family. */
export function publicAddresses({ observed, ...context }: Context, bridge: Bridge): string[] {
  const { type, perBridge, addresses } = context.spec.jvb.exposure
  if (type === 'None') return []
  if (addresses?.length) return addresses
  if (type !== 'LoadBalancer') return nodeAddresses(context.spec.jvb.exposure, bridge)
  const name = perBridge ? bridge.name : sharedServiceName({ observed, ...context })
  return ingressAddresses(observed.services.get(name))
}

function nodeAddresses(
  { addressSources }: Context['spec']['jvb']['exposure'],
  { nodeFacts }: Bridge,
): string[] {
  const { externalIPs = [], internalIPs = [] } = nodeFacts ?? {}
  if (!addressSources) return externalIPs.length > 0 ? externalIPs : internalIPs
  return addressSources.flatMap(source => (source === 'ExternalIP' ? externalIPs : internalIPs))
}

/** Addresses of a load balancer, as its Service has them. */
export function ingressAddresses(service: Service | undefined): string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(
    ({ ip, hostname }) => ip ?? hostname ?? [],
  )
}

function publicPort({ observed, spec }: Context, { name, port }: Bridge): number | undefined {
  const { type, perBridge } = spec.jvb.exposure
  if (type === 'NodePort') return observed.services.get(name)?.spec?.ports?.[0]?.nodePort
  if (type !== 'LoadBalancer' || !perBridge) return port
  return observed.services.get(name)?.spec?.ports?.[0]?.port ?? spec.jvb.ports.udp
}

/** Does it hold a port that the firewall is not told of any more? It can't take another one. */
export function portOutside(context: Context, bridge: Bridge): boolean {
  const { exposure, ports } = context.spec.jvb
  if (exposure.type === 'None' || exposure.type === 'NodePort') return false
  const port = publicPort(context, bridge) ?? ports.udp
  const count = exposure.type === 'LoadBalancer' && exposure.perBridge ? 1 : ports.count
  return port < ports.udp || port >= ports.udp + count
}
