import type { Bridge } from './bridge.ts'

/** Would the mean stress of the other serving bridges stay below 0.8 with a bridge's people? */
export function roomInFleet(bridges: readonly Bridge[]): (bridge: Bridge) => boolean {
  const serving = new Set(
    bridges.filter(({ state, facts }) => state === 'Serving' && facts?.reachable),
  )
  const stress = [...serving].reduce((sum, bridge) => sum + stressOf(bridge), 0)
  return bridge => {
    const isOne = serving.has(bridge)
    const others = serving.size - (isOne ? 1 : 0)
    // Its people are in the sum already where it is one of the serving.
    const moved = stress + (isOne ? 0 : stressOf(bridge))
    return others > 0 && moved / others < 0.8
  }
}

const stressOf = ({ facts }: Bridge) => facts?.stress ?? 0.5
