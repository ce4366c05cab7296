import type { Node, Taint, Toleration } from 'kubernetes-types/core/v1.js'
import type { NodeFacts } from '../../api/facts.ts'
import { hasLabels } from '../../kube/labels.ts'
import { nodeFacts } from '../../kube/node.ts'
import { relatedOf } from '../../kube/observed.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'

/**
 * Bridges that should exist together: all of them (static, autoscaled), or those of one node
 * (daemonset). The topologies differ in this file only.
 */
export interface Group {
  /** The node that new bridges are pinned to. */
  readonly pinnedTo: string | undefined
  readonly desired: number
  readonly bridges: readonly Bridge[]
  /** Nothing is made or drained here: the node is to stay, and is not ready for the moment. */
  readonly hold: boolean
  /** Their node as it is seen now; what is written on the bridges is up to 30 s older. */
  readonly node?: NodeFacts
  /** Why no bridge is wanted on the node any more. */
  readonly unwanted?: string
}

/** The bridges that should exist, and those that do, group by group. */
export function groupsOf(context: Context, bridges: readonly Bridge[], desired: number): Group[] {
  const { type, perNode } = context.spec.jvb.strategy
  if (type !== 'daemonset') return [{ pinnedTo: undefined, desired, bridges, hold: false }]
  const nodes = matchingNodes(context)
  // A cluster without nodes is a list that has not arrived yet.
  if (nodes.size === 0) return [{ pinnedTo: undefined, desired: 0, bridges, hold: true }]
  const byNode = groupByNode(bridges)
  const names = new Set([...nodes.keys(), ...byNode.keys()])
  return [...names]
    .sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1))
    .map(name => {
      const node = name === undefined ? undefined : nodes.get(name)
      return {
        pinnedTo: name,
        desired: node && !node.leaving ? perNode : 0,
        bridges: byNode.get(name) ?? [],
        hold: node !== undefined && !node.ready && !node.leaving,
        ...(node && { node }),
        ...(name !== undefined && unwantedAs(node)),
      }
    })
}

function unwantedAs(node: NodeFacts | undefined): { unwanted?: string } {
  if (!node) return { unwanted: 'not one of spec.jvb.nodeSelector and spec.jvb.tolerations' }
  return node.leaving ? { unwanted: node.leaving } : {}
}

/** Is it a daemonset without any node? Then its bridges are held as they are. */
export function matchesNoNode(context: Context): boolean {
  const { type } = context.spec.jvb.strategy
  return type === 'daemonset' && !nodesOf(context).some(matcherOf(context))
}

/** Bridges that a daemonset wants at the moment. */
export function daemonsetSize(context: Context): number {
  const nodes = [...matchingNodes(context).values()].filter(({ leaving }) => !leaving)
  return nodes.length * context.spec.jvb.strategy.perNode
}

/** The nodes of a daemonset: matching, and not refusing its bridges by a taint. */
function matchingNodes(context: Context): ReadonlyMap<string, NodeFacts> {
  const nodes = nodesOf(context).filter(matcherOf(context))
  return new Map(nodes.map(node => [node.metadata.name, nodeFacts(node.metadata.name, node)]))
}

const nodesOf = ({ observed }: Context) => relatedOf<KubeObject & Node>(observed, 'Node')

function matcherOf({ spec }: Context): (node: KubeObject & Node) => boolean {
  const { nodeSelector = linuxNodes, tolerations = [] } = spec.jvb
  return node => hasLabels(node, nodeSelector) && tolerated(node, tolerations)
}

/** The default of the first operator: every node that can run the images. */
export const linuxNodes = { 'kubernetes.io/os': 'linux' }

/**
 * A taint that keeps Pods from being scheduled counts, and one that evicts them does so too; those
 * of the node's own condition do not: not-ready and unreachable mean hold, and a cordon is a reason
 * to drain, not to forget the node.
 */
function tolerated({ spec }: Node, tolerations: readonly Toleration[]): boolean {
  const refusals = (spec?.taints ?? []).filter(
    ({ key, effect }) => effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/'),
  )
  return refusals.every(taint => tolerations.some(toleration => tolerates(toleration, taint)))
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key, operator = 'Equal', value = '', effect } = toleration
  const sameKey = key === undefined ? operator === 'Exists' : key === taint.key
  const sameValue = operator === 'Exists' || value === (taint.value ?? '')
  return sameKey && sameValue && (effect === undefined || effect === taint.effect)
}

function groupByNode(bridges: readonly Bridge[]): Map<string | undefined, Bridge[]> {
  const groups = new Map<string | undefined, Bridge[]>()
  for (const bridge of bridges) {
    const group = groups.get(bridge.node)
    if (group) group.push(bridge)
    else groups.set(bridge.node, [bridge])
  }
  return groups
}
