import { setTimeout } from 'node:timers/promises'
import type { FleetSize } from './fleet.ts'
import { bodiesOf, hookProgram } from './hook-calls.ts'
import { oneConnection, post, start } from './program.ts'

/** What the process takes at its start. */
export interface AtStart {
  /** Milliseconds from the start of the process until /readyz says ok. */
  readyMs: number
  /** CPU time of the process until then. */
  readyCpuMs: number
}

/** By then the garbage of the start is collected (src/cli/serve.ts). */
const tidyMs = 3000

/**
 * Starts the hook, calls it so often as each number says, and tells after each how many MB are
 * resident then; before the first call too.
 */
export async function memory(
  size: FleetSize,
  looks: readonly number[],
  seen: (calls: number, residentMB: number) => void,
): Promise<AtStart> {
  const { body } = bodiesOf(size)
  const hook = await start(hookProgram, '/readyz')
  const { cpuMs: readyCpuMs } = await hook.figures()
  await setTimeout(tidyMs)
  seen(0, (await hook.figures()).residentMB)
  const agent = oneConnection()
  let calls = 0
  for (const look of looks) {
    for (; calls < look; calls++) await post(hook.url, body, agent)
    seen(calls, (await hook.figures()).residentMB)
  }
  agent.destroy()
  await hook.stop()
  return { readyMs: hook.readyMs, readyCpuMs }
}
