import { hookProgram } from './hook-calls.ts'
import { start } from './program.ts'

/**
 * Starts the hook so often, one after the other, and once before, which warms the disk and us.
 * Answers milliseconds from the start of the process until /readyz says ok.
 */
export async function starts(count: number): Promise<number[]> {
  const found: number[] = []
  for (let at = 0; at <= count; at++) {
    const hook = await start(hookProgram, '/readyz')
    await hook.stop()
    if (at > 0) found.push(hook.readyMs)
  }
  return found
}
