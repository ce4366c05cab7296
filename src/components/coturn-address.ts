import type { Node } from 'kubernetes-types/core/v1.js'
import type { CoturnSpec } from '../api/coturn-spec.ts'
import { hasLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { isUninitialized, nodeFacts } from '../kube/node.ts'
import { relatedOf } from '../kube/observed.ts'
import type { KubeObject, Service } from '../kube/types.ts'
import type { Context } from './context.ts'
import { ingressAddresses } from './jvb/public-address.ts'

/*
 * Where clients find our TURN server. A `host` in the spec is taken at its word; else the address
 * is that of the load balancer, or those of the nodes that the spec selects. All of these, and not
 * the one that a Pod happens to be on: a Pod that moves must not restart prosody, and a client
 * tries every address that it is told.
 */

/** Hosts, and the one port that TURN without TLS has on each. */
export interface TurnAddress {
  hosts: readonly string[]
  port: number
}

/** Where clients find the TURN server; undefined while that is not known. */
export function turnAddress(context: Context): TurnAddress | undefined {
  const { host, exposure, ports } = context.spec.coturn
  if (host !== undefined) return { hosts: [host], port: ports.turn }
  const service = context.observed.services.get(childName(context.instance, 'coturn'))
  const port = exposure.type === 'NodePort' ? nodePortOf(service) : ports.turn
  const hosts = hostsOf(context, service).filter(isNoIPv6)
  return port === undefined || hosts.length === 0 ? undefined : { hosts, port }
}

/** Does it need to know Nodes? Those that the spec selects, and no others. */
export const asksForNodes = ({ enabled, host, exposure, nodeSelector }: CoturnSpec): boolean =>
  enabled && host === undefined && onNodes.has(exposure.type) && nodeSelector !== undefined

const onNodes: ReadonlySet<string> = new Set(['NodePort', 'HostNetwork'])

function hostsOf(context: Context, service: Service | undefined): string[] {
  const { coturn } = context.spec
  if (coturn.exposure.type === 'LoadBalancer') return ingressAddresses(service)
  if (!asksForNodes(coturn)) return []
  const nodes = relatedOf<KubeObject & Node>(context.observed, 'Node').filter(node =>
    hasLabels(node, coturn.nodeSelector ?? {}),
  )
  // Its cloud has not said yet which addresses it has: the list would change in a moment.
  return nodes.some(isUninitialized) ? [] : nodes.flatMap(publicAddresses)
}

/** As for bridges: the public addresses of a node, where it has none its others. */
function publicAddresses(node: KubeObject & Node): string[] {
  const { externalIPs, internalIPs } = nodeFacts(node.metadata.name, node)
  return externalIPs.some(isNoIPv6) ? externalIPs : internalIPs
}

/** Clients take a bare IPv6 address in a TURN URL for a host and a port. */
const isNoIPv6 = (address: string) => !address.includes(':')

const nodePortOf = (service: Service | undefined): number | undefined =>
  service?.spec?.type === 'NodePort'
    ? service.spec.ports?.find(({ name }) => name === 'turn')?.nodePort
    : undefined
