import { setTimeout } from 'node:timers/promises'
import type { FleetSize } from './fleet.ts'
import { bodiesOf, hookProgram } from './hook-calls.ts'
import { oneConnection, post, start } from './program.ts'

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
): Promise<void> {
  const { body } = bodiesOf(size)
  const hook = await start(hookProgram)
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
}
