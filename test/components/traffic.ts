import { isIP } from 'node:net'
import type {
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from 'kubernetes-types/networking/v1.js'
import type { KubeObject } from '../../src/kube/types.ts'

/** Where traffic comes from: a Pod of some namespace, or an address outside. */
export type Source = { namespace: string; labels: Record<string, string> } | { address: string }

export interface Target {
  labels: Record<string, string>
  port: number
  protocol: 'TCP' | 'UDP'
}

type Labels = Record<string, string> | undefined
const carries = (labels: Labels, wanted: Labels) =>
  Object.entries(wanted ?? {}).every(([name, value]) => labels?.[name] === value)

/**
 * What a network plugin would do with these policies, all of namespace `school`: traffic to a Pod
 * that no policy selects passes; to any other only what some rule of a selecting policy lets in.
 */
export function passes(policies: readonly KubeObject[], source: Source, target: Target): boolean {
  const selecting = policies
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as NetworkPolicySpec)
    .filter(({ podSelector }) => carries(target.labels, podSelector?.matchLabels))
  if (selecting.length === 0) return true
  const rules = selecting.flatMap(({ ingress = [] }) => ingress)
  return rules.some(
    ({ from, ports }) =>
      (from ?? [{}]).some(peer => isPeer(peer, source)) &&
      (ports ?? [{}]).some(port => isPort(port, target)),
  )
}

function isPort({ port, endPort, protocol }: NetworkPolicyPort & { endPort?: number }, to: Target) {
  if (protocol !== undefined && protocol !== to.protocol) return false
  if (port === undefined) return true
  return to.port >= Number(port) && to.port <= (endPort ?? Number(port))
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, source: Source) {
  if (ipBlock) return 'address' in source && inNetwork(source.address, ipBlock.cidr)
  if (!namespaceSelector && !podSelector) return true
  if ('address' in source) return false
  const ownNamespace = !namespaceSelector && source.namespace === 'school'
  const wanted = namespaceSelector?.matchLabels
  const namespaceLabels = { 'kubernetes.io/metadata.name': source.namespace }
  return (
    (ownNamespace || (wanted !== undefined && carries(namespaceLabels, wanted))) &&
    carries(source.labels, podSelector?.matchLabels)
  )
}

/** IPv4 only: enough for the networks that the tests name. */
function inNetwork(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/')
  if (isIP(address) !== 4 || isIP(network) !== 4) return false
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(bits))
  return Math.floor(number(address) / size) === Math.floor(number(network) / size)
}
