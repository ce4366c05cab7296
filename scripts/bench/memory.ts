import type { FleetSize } from './fleet.ts'
import { bodiesOf, hookProgram } from './hook-calls.ts'
import { oneConnection, post, start } from './program.ts'

/** What the process takes, in MB that are resident. */
export interface Memory {
  /** Milliseconds from the start of the process until /readyz says ok. */
  readyMs: number
  /** CPU time of the process until then. */
  readyCpuMs: number
  idle: number
  after: { calls: number; residentMB: number }[]
}

/** Starts the hook, calls it so often as each number says, and looks after each. */
export async function memory(size: FleetSize, looks: readonly number[]): Promise<Memory> {
  const { body } = bodiesOf(size)
  const hook = await start(hookProgram, '/readyz')
  const { residentMB: idle, cpuMs: readyCpuMs } = await hook.figures()
  const agent = oneConnection()
  const after: Memory['after'] = []
  let calls = 0
  for (const look of looks) {
    for (; calls < look; calls++) await post(hook.url, body, agent)
    after.push({ calls, residentMB: (await hook.figures()).residentMB })
  }
  agent.destroy()
  await hook.stop()
  return { readyMs: hook.readyMs, readyCpuMs, idle, after }
}
