import type { Node } from 'kubernetes-types/core/v1.js'
import type { NodeFacts } from '../api/facts.ts'

/**
 * Taints of something that is about to remove the Node, whole keys and prefixes. Not among them:
 * DeletionCandidateOfClusterAutoscaler (a mere thought of it, taken back every day) and
 * not-ready/unreachable (the bridge may be well, only the kubelet is silent: that means hold).
 */
const removalTaints = [
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
  'node.kubernetes.io/out-of-service',
  'node.cloudprovider.kubernetes.io/shutdown',
  'cloud.google.com/impending-node-termination',
]
const removalTaintPrefix = 'aws-node-termination-handler/'

/** What the plan may know of a Pod's Node: addresses, place, and whether it is about to go. */
export function nodeFacts(name: string, node: Node): NodeFacts {
  const { labels = {} } = node.metadata ?? {}
  const zone = labels['topology.kubernetes.io/zone']
  const region = labels['topology.kubernetes.io/region']
  return {
    name,
    gone: false,
    ready: isReady(node),
    leaving: leaving(node),
    externalIPs: addresses(node, 'ExternalIP'),
    internalIPs: addresses(node, 'InternalIP'),
    ...(zone === undefined ? {} : { zone }),
    ...(region === undefined ? {} : { region }),
  }
}

/**
 * Has the cloud still to say the Node's addresses? So it is with a Node that registered anew: until
 * then it shows no ExternalIP, and bridges must not take its internal address for a changed one.
 */
export function isUninitialized({ spec }: Node): boolean {
  return (
    spec?.taints?.some(({ key }) => key === 'node.cloudprovider.kubernetes.io/uninitialized') ??
    false
  )
}

/** A Node that does not exist any more; its addresses stay as they were last seen. */
export function goneNode(name: string, written: NodeFacts | undefined): NodeFacts {
  const last = written ?? { leaving: null, externalIPs: [], internalIPs: [] }
  return { ...last, name, gone: true, ready: false }
}

/** Why the Node is about to go, or null. */
function leaving({ spec }: Node): string | null {
  const taint = spec?.taints?.find(
    ({ key }) => removalTaints.includes(key) || key.startsWith(removalTaintPrefix),
  )
  if (taint) return `tainted ${taint.key}`
  return spec?.unschedulable ? 'cordoned' : null
}

function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  )
}

/** In the Node's own order: the first one is its main one. */
function addresses({ status }: Node, type: string): string[] {
  return (status?.addresses ?? []).filter(entry => entry.type === type).map(entry => entry.address)
}
