import type { Context } from '../components/context.ts'
import type { Bridge } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { type RestartGate, secondsToWindow } from './restart.ts'
import type { Scaling } from './scaling.ts'

/** How often the plan wants to be asked while something waits for time to pass. */
const waitingSeconds = 15

/** Ask to be called again where time alone changes the answer. */
export function resync(
  context: Context,
  waits: {
    bridges: readonly Bridge[]
    fleet: FleetPlan
    scaling: Scaling
    gate: RestartGate | undefined
  },
): { resyncAfterSeconds?: number } {
  const unsettled = waits.bridges.some(({ state }) => state !== 'Serving')
  const seconds = [
    ...(unsettled || waits.fleet.creations.length > 0 ? [waitingSeconds] : []),
    ...(waits.gate ? [Math.min(3600, secondsToWindow(context))] : []),
    ...(waits.gate?.lookAgainSeconds ? [waits.gate.lookAgainSeconds] : []),
    ...(waits.scaling.lookAgainSeconds ? [waits.scaling.lookAgainSeconds] : []),
  ]
  return seconds.length > 0 ? { resyncAfterSeconds: Math.min(...seconds) } : {}
}
