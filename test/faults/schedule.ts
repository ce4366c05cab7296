import { Random } from '../../src/simulation/fleet/random.ts'
import { clusterFaults } from './cluster-faults.ts'
import { hookFaults } from './hook-faults.ts'
import { nodeFaults } from './node-faults.ts'
import { objectFaults } from './object-faults.ts'
import { stirs } from './stirs.ts'

/** Faults of one installation, by kind. */
export const laneFaults = { ...hookFaults, ...objectFaults }

/** Faults of the whole cluster, by kind: two sequences go on beside each other. */
export const globalFaults = [clusterFaults, nodeFaults] as const

/** A few faults that hit one installation together, while something goes on in it. */
export interface Batch {
  stir: string
  faults: string[]
}

/** All that a run will do: what happens, but not when, is a function of the seed. */
export interface Schedule {
  lanes: Batch[][]
  /** One sequence for each of the `globalFaults`. */
  cluster: string[][]
}

export interface Wishes {
  seed: number
  faults: number
  lanes: number
  /** Parts of names of kinds; all kinds without any. */
  kinds: readonly string[]
}

/** Of ten faults one hits the whole cluster. */
const clusterShare = 0.1
const largestBatch = 3

/** Draws so many faults: each kind in turn, in an order of chance. */
export function scheduleOf({ seed, faults, lanes, kinds }: Wishes): Schedule {
  const random = new Random(seed)
  const wanted = (all: Readonly<Record<string, unknown>>) =>
    Object.keys(all).filter(kind => kinds.length === 0 || kinds.some(part => kind.includes(part)))
  const [local, global] = [wanted(laneFaults), wanted({ ...clusterFaults, ...nodeFaults })]
  const share = local.length === 0 ? 1 : global.length === 0 ? 0 : clusterShare
  const clusterCount = Math.round(faults * share)
  const queue = drawn(random, local, faults - clusterCount)
  const batches: Batch[][] = Array.from({ length: lanes }, () => [])
  for (let turn = 0; queue.length > 0; turn++) {
    const stir = random.pick(Object.keys(stirs)) ?? 'nothing'
    batches[turn % lanes]?.push({ stir, faults: together(queue, random.whole(1, largestBatch)) })
  }
  const cluster = drawn(random, global, clusterCount)
  return {
    lanes: batches,
    cluster: globalFaults.map(faults => cluster.filter(kind => kind in faults)),
  }
}

/** Takes so many off the queue; fewer where a kind would come twice: each waits for its own doing. */
function together(queue: string[], count: number): string[] {
  const taken: string[] = []
  while (taken.length < count && queue[0] !== undefined && !taken.includes(queue[0])) {
    taken.push(...queue.splice(0, 1))
  }
  return taken
}

/** Each kind as often as the others, shuffled. */
function drawn(random: Random, kinds: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: kinds[index % kinds.length] ?? '',
    order: random.next(),
  }))
    .sort((a, b) => a.order - b.order)
    .map(({ kind }) => kind)
}
