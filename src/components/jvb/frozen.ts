import type { Bridge } from './bridge.ts'
import type { Group } from './topology.ts'
import { type Creation, bridgeReason as why } from './verdict.ts'

/* When prosody is gone for all bridges at once, none of them is touched. */

/**
 * Did every bridge that answers lose its XMPP server? Then prosody restarts or is gone, and to
 * replace bridges would cut meetings that are about to be back. Not so those that can't be back.
 */
export function isFrozen(
  bridges: readonly Bridge[],
  lockedOut: (bridge: Bridge) => boolean,
): boolean {
  const answering = bridges.filter(
    ({ facts, state }) => facts?.reachable && state !== 'Terminating' && state !== 'Failed',
  )
  return (
    answering.every(bridge => bridge.facts?.mucsJoined === 0 || lockedOut(bridge)) &&
    answering.some(bridge => (bridge.facts?.endpointsTotal ?? 0) > 0 && !lockedOut(bridge))
  )
}

/** While frozen nothing is touched; a place that is empty may be filled. */
export function frozenCreations(groups: Group[]): Creation[] {
  return groups
    .filter(({ hold }) => !hold)
    .flatMap(({ pinnedTo, desired, bridges }) => {
      const there = bridges.filter(({ state }) => state !== 'Terminating' && state !== 'Failed')
      return Array.from({ length: Math.max(0, desired - there.length) }, () => ({
        pinnedTo,
        portsRefused: [],
        reason: why.ScaleOut,
        message: `${desired} bridges are wanted`,
      }))
    })
}
