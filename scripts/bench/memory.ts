import { setTimeout } from 'node:timers/promises'
import type { FleetSize } from './fleet.ts'
import { bodiesOf, hookProgram } from './hook-calls.ts'
import { oneConnection, post, start } from './program.ts'

/** By then the garbage of the start is collected (src/service/tidy-up.ts). */
const afterStartMs = 3000

/** By then that of large requests is. */
export const atRestMs = 63_000

/** How often to call until each look, and how long to wait for one more. */
export interface Looks {
  calls: readonly number[]
  restMs?: number
}

/**
 * Starts the hook, calls it so often as each number says, and tells after each how many MB are
 * resident then; before the first call too, and after a rest.
 */
export async function memory(
  size: FleetSize,
  looks: Looks,
  seen: (when: string, residentMB: number) => void,
): Promise<void> {
  const { body } = bodiesOf(size)
  const hook = await start(hookProgram)
  await setTimeout(afterStartMs)
  seen('0', (await hook.figures()).residentMB)
  const agent = oneConnection()
  let calls = 0
  for (const look of looks.calls) {
    for (; calls < look; calls++) await post(hook.url, body, agent)
    seen(`${calls}`, (await hook.figures()).residentMB)
  }
  if (looks.restMs !== undefined) {
    await setTimeout(looks.restMs)
    seen('a minute of rest', (await hook.figures()).residentMB)
  }
  agent.destroy()
  await hook.stop()
}
