import type { Program } from './program.ts'

/** A program that is called again and again: what a call costs in CPU milliseconds, and its end. */
export interface Lane {
  cost: () => Promise<number>
  stop: () => Promise<void>
}

/** So many calls tell what one costs; the first ones compile the program. */
export async function laneOf(
  { figures, stop }: Program,
  call: () => Promise<unknown>,
  calls: number,
): Promise<Lane> {
  const callAll = async (times: number) => {
    for (let time = 0; time < times; time++) await call()
  }
  await callAll(6)
  return {
    cost: async () => {
      const before = await figures()
      await callAll(calls)
      return ((await figures()).cpuMs - before.cpuMs) / calls
    },
    stop,
  }
}

/** So many rounds, each of all in turn: whatever else the machine does, it does to all. Ends them. */
export async function costsInTurn<Name extends string>(
  lanes: Record<Name, Lane>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const pairs = Object.entries(lanes) as [Name, Lane][]
  const costs = Object.fromEntries(pairs.map(([name]) => [name, []])) as unknown as Record<
    Name,
    number[]
  >
  for (let round = 0; round < rounds; round++) {
    for (const [name, lane] of pairs) costs[name].push(await lane.cost())
  }
  await Promise.all(pairs.map(([, lane]) => lane.stop()))
  return costs
}

/** The middle of the ratios of each round: a slow minute slows both sides of it. */
export function middleRatio(ones: readonly number[], others: readonly number[]): number {
  return quantile(
    ones.map((one, round) => one / (others[round] ?? Number.NaN)),
    0.5,
  )
}

/** The value below which so large a share of the values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
