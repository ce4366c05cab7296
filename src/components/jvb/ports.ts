import type { JvbSpec } from '../../api/jvb-spec.ts'

/*
 * Every bridge holds one UDP port for life: the advertised `#port` is read once, at start, so a
 * port that moved would cut the bridge off. Held ports are read from the observed Pods; there is
 * no other memory. The scheduler has the last word through `hostPort`.
 */

/** A port that a bridge holds, and the node it holds it on, if it is bound or pinned to one. */
export interface HeldPort {
  node: string | undefined
  port: number
}

export interface PortRange {
  udp: number
  count: number
}

/** A bridge to be made: where it is pinned, and what the scheduler refused before. */
export interface PortWish {
  node: string | undefined
  refused: readonly number[]
}

/**
 * The port for a new bridge, or undefined when none is free. A pinned bridge takes the lowest free
 * port of its node. One that the scheduler places takes the least used port of the whole fleet, so
 * that it fits on most nodes.
 */
export function portFor(wish: PortWish, held: readonly HeldPort[], range: PortRange) {
  const free = portsOf(range).filter(port => !wish.refused.includes(port))
  if (wish.node !== undefined) {
    const taken = new Set(held.filter(({ node }) => node === wish.node).map(({ port }) => port))
    return free.find(port => !taken.has(port))
  }
  const uses = new Map<number, number>()
  for (const { port } of held) uses.set(port, (uses.get(port) ?? 0) + 1)
  return leastUsed(free, uses)
}

function leastUsed(ports: readonly number[], uses: ReadonlyMap<number, number>) {
  const [first, ...others] = ports
  if (first === undefined) return undefined
  return others.reduce(
    (best, port) => ((uses.get(port) ?? 0) < (uses.get(best) ?? 0) ? port : best),
    first,
  )
}

/** The port for a new bridge behind one shared address, where a port serves one bridge only. */
export function uniquePort(wish: PortWish, held: readonly HeldPort[], range: PortRange) {
  const taken = new Set(held.map(({ port }) => port))
  return portsOf(range).find(port => !taken.has(port) && !wish.refused.includes(port))
}

/** How bridges of this exposure find their port: one each for all, or one each on a node. */
export function portChooser({ exposure, ports }: JvbSpec) {
  const choose = exposure.type === 'LoadBalancer' && !exposure.perBridge ? uniquePort : portFor
  return (wish: PortWish, held: readonly HeldPort[]) => choose(wish, held, ports)
}

/** The ports of all bridges that are there, those included that are about to go. */
export function heldPorts(
  bridges: readonly { node: string | undefined; port: number | undefined }[],
): HeldPort[] {
  return bridges.flatMap(({ node, port }) => (port ? [{ node, port }] : []))
}

/** The ports of a range, lowest first. */
export function portsOf({ udp, count }: PortRange): number[] {
  return Array.from({ length: count }, (_, offset) => udp + offset)
}
