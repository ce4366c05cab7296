import type { Bridge } from './bridge.ts'

/** Would the mean stress of the other serving bridges stay below 0.8 with its people? */
export function hasRoom(bridge: Bridge, bridges: readonly Bridge[]): boolean {
  const others = bridges.filter(
    other => other !== bridge && other.state === 'Serving' && other.facts?.reachable,
  )
  const stress = [...others, bridge].reduce((sum, { facts }) => sum + (facts?.stress ?? 0.5), 0)
  return others.length > 0 && stress / others.length < 0.8
}
