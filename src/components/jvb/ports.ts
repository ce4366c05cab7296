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

/** The ports of a fleet while bridges are added to it. */
export interface Ports {
  /** The port for a new bridge, or undefined when none is free. */
  choose: (wish: PortWish) => number | undefined
  /** From now on a bridge holds this port. */
  take: (held: HeldPort) => void
}

/**
 * Who holds which port, and who would get which. Counted rather than looked for each time: large
 * fleets ask as often as they have bridges.
 */
export function portsOfFleet(
  { exposure, ports }: JvbSpec,
  bridges: readonly { node: string | undefined; port: number | undefined }[],
): Ports {
  const range = portsOf(ports)
  const uses = new Map<number, number>()
  const onNode = new Map<string, Set<number>>()
  const usesOf = (port: number) => uses.get(port) ?? 0
  const take = ({ node, port }: HeldPort) => {
    uses.set(port, usesOf(port) + 1)
    if (node === undefined) return
    const taken = onNode.get(node)
    if (taken) taken.add(port)
    else onNode.set(node, new Set([port]))
  }
  for (const { node, port } of bridges) if (port) take({ node, port })

  const onePerBridge = exposure.type === 'LoadBalancer' && !exposure.perBridge
  const choose = ({ node, refused }: PortWish) => {
    const allowed = (port: number) => !refused.includes(port)
    // Behind one shared address a port serves one bridge only.
    if (onePerBridge) return range.find(port => usesOf(port) === 0 && allowed(port))
    if (node === undefined) return leastUsed(range.filter(allowed), usesOf)
    const taken = onNode.get(node)
    return range.find(port => !taken?.has(port) && allowed(port))
  }
  return { choose, take }
}

/** The lowest of the ports with the fewest bridges, so that a bridge fits on most nodes. */
function leastUsed(ports: readonly number[], usesOf: (port: number) => number) {
  const fewest = Math.min(...ports.map(usesOf))
  return ports.find(port => usesOf(port) === fewest)
}

/** The ports of a range, lowest first. */
export function portsOf({ udp, count }: PortRange): number[] {
  return Array.from({ length: count }, (_, offset) => udp + offset)
}
