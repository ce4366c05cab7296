import type { Random } from '../../src/simulation/fleet/random.ts'
import type { Lane } from './lane.ts'
import type { World } from './world.ts'

/** Where a fault of one installation happens. */
export interface LaneSite {
  world: World
  lane: Lane
  random: Random
}

/** Where a fault of the whole cluster happens. */
export type ClusterSite = Omit<LaneSite, 'lane'>

/**
 * Breaks something, waits until that has taken hold, and mends it; throws WithoutEffect where it
 * could not take hold.
 */
export type Fault<Site> = (site: Site) => Promise<void>

/** Faults by kind: the kind is what the counts at the end name. */
export type Faults<Site> = Readonly<Record<string, Fault<Site>>>

/** There was nothing to break, or nobody noticed: that is not counted as a fault. */
export class WithoutEffect extends Error {}
