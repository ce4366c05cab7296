/*
 * How many bridges the figures ask for: ceil(count × figure / target), as
 * kube-controller-manager 1.36 computes it for a resource (pkg/controller/podautoscaler/
 * replica_calculator.go, GetResourceReplicas). A figure is a whole per cent of a full bridge, as
 * the HPA keeps it: 62 per cent of a bridge at a target of 50 asks for a quarter more.
 */

/** What is known of one bridge: its load in per cent, nothing, or that it is not up yet. */
export type Figure = number | 'missing' | 'starting'

/** How far the ratio may be off 1 before anything happens. */
export interface Tolerance {
  readonly up: number
  readonly down: number
}

/** The count that the figures ask for, and the mean that it comes from. */
export interface Proposal {
  readonly replicas: number
  /** Mean of what is known, a whole per cent, rounded down. */
  readonly mean: number
  /** Why it is the present count although the ratio is not 1; undefined otherwise. */
  readonly held: 'WithinTolerance' | 'UnknownBridges' | undefined
}

const meanOf = (loads: readonly number[]) =>
  Math.floor(loads.reduce((sum, load) => sum + load, 0) / loads.length)

const isWithin = (ratio: number, { up, down }: Tolerance) => 1 - down <= ratio && ratio <= 1 + up

/**
 * The proposed count; undefined where no bridge has a figure.
 *
 * What is missing is assumed so that it slows the change down: full bridges where the others ask
 * for fewer, empty ones where they ask for more. Bridges that start count as empty where the
 * others ask for more (they are the help under way) and not at all where they ask for fewer.
 * Where the assumptions turn the direction, the count stays.
 */
export function propose(
  { figures, current }: { figures: readonly Figure[]; current: number },
  target: number,
  tolerance: Tolerance,
): Proposal | undefined {
  const loads = figures.filter(figure => typeof figure === 'number')
  if (loads.length === 0) return undefined
  const mean = meanOf(loads)
  const ratio = mean / target
  const assumed = assumedLoads(figures, ratio, target)
  const all = [...loads, ...assumed]
  const newRatio = meanOf(all) / target
  if (isWithin(newRatio, tolerance)) return { replicas: current, mean, held: 'WithinTolerance' }
  const replicas = Math.ceil(newRatio * all.length)
  const change = { from: ratio, to: newRatio, by: replicas - current }
  return assumed.length > 0 && isTurned(change)
    ? { replicas: current, mean, held: 'UnknownBridges' }
    : { replicas, mean, held: undefined }
}

/** Loads for bridges without a figure; none at a ratio of exactly 1. */
function assumedLoads(figures: readonly Figure[], ratio: number, target: number): number[] {
  const fill = (what: Figure, load: number) =>
    figures.filter(figure => figure === what).map(() => load)
  if (ratio < 1) return fill('missing', Math.max(100, target))
  return ratio > 1 ? [...fill('missing', 0), ...fill('starting', 0)] : []
}

/** Did the assumptions turn more into fewer, or fewer into more? */
function isTurned({ from, to, by }: { from: number; to: number; by: number }): boolean {
  const up = (ratio: number) => Math.sign(ratio - 1)
  return up(from) !== up(to) || up(to) * by < 0
}
