import type { Node } from 'kubernetes-types/core/v1.js'

/** Reads a Node: `gone` only if the API server says 404; undefined when nobody could tell. */
export type ReadNode = (name: string, deadline: AbortSignal) => Promise<Node | 'gone' | undefined>

/** For so long what was read of a Node is told again, in milliseconds. */
const nodeMs = 30_000

/**
 * A look that failed is soon repeated, and so is one at a Node that is gone: a kubelet that still
 * runs registers its Node anew within seconds, and no bridge there counts until that is seen.
 */
const noNodeMs = 5000

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
    const look: Look = { until: at + nodeMs, node: found }
    look.node = found.then(node => {
      if (node === undefined || node === 'gone') look.until = at + noNodeMs
      return node
    })
    looks.set(name, look)
    return look.node
  }
}
