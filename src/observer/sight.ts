import type { Pod } from '../kube/types.ts'
import type { Edges } from './edges.ts'
import type { Written } from './steady.ts'

/** What one look at a Pod gave. */
export interface Sight {
  /** To be written; absent when what is written still says enough. */
  facts?: Written
  resyncAfterSeconds?: number
}

/** Reads one kind of Pod; never rejects because of what the Pod does. */
export type Look = (pod: Pod, call: { edges: Edges; deadline: AbortSignal }) => Promise<Sight>

/** Nothing to see, and no reason to come back before the Pod changes. */
export const nothingSeen: Sight = {}

/**
 * Seconds until the next look. A bridge measures its stress every 10 s and the rest every 5 s, so
 * looking oftener sees nothing new (`settledPause`); while something is under way (start, drain,
 * silence) 5 s find the end of it soon, and the 15 s between two empty readings take no more than
 * three looks. Two seconds after a drain flag was changed, the change itself can be read.
 */
export const pause = { underWay: 5, confirm: 2 } as const

/**
 * Seconds until the next look at a Pod where all is well: ten, give or take two by its name, so
 * that bridges which started together do not write their load together for ever.
 */
export function settledPause(pod: Pod): number {
  const mixed = [...pod.metadata.name].reduce(
    (sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 4001,
    7,
  )
  return 8 + (mixed % 41) / 10
}
