import type { Node } from 'kubernetes-types/core/v1.js'
import { nodeFacts } from '../kube/node.ts'

/** Reads a Node: `gone` only if the API server says 404; undefined when nobody could tell. */
export type ReadNode = (name: string, deadline: AbortSignal) => Promise<Node | 'gone' | undefined>

/** For so long what was read of a Node is told again, in milliseconds. */
const usualMs = 30_000

/**
 * What may change any moment is looked at again soon: a Node that could not be read, one that is
 * gone (a kubelet that still runs registers its Node anew within seconds), and one that is cordoned
 * or about to be removed. No bridge that is placed there counts until that is over.
 */
const unsettledMs = 5000

type Look = { until: number; node: ReturnType<ReadNode> }

/**
 * Reads each Node at most once in 30 s: several bridges share one, and each is observed every few
 * seconds. The memory lives as long as the function that is returned; it only saves calls and
 * decides nothing.
 */
export function rememberNodes(read: ReadNode, now: () => Date): ReadNode {
  const looks = new Map<string, Look>()

  return (name, deadline) => {
    const at = now().getTime()
    const known = looks.get(name)
    if (known && at < known.until) return known.node
    for (const [other, look] of looks) if (at >= look.until) looks.delete(other)
    const found = read(name, deadline).catch(() => undefined)
    const look: Look = { until: at + usualMs, node: found }
    look.node = found.then(node => {
      const isSettled = node && node !== 'gone' && nodeFacts(name, node).leaving === null
      if (!isSettled) look.until = at + unsettledMs
      return node
    })
    looks.set(name, look)
    return look.node
  }
}
