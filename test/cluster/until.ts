import { setTimeout as pause } from 'node:timers/promises'

/** How long to keep asking, and how often; the defaults suit a control plane on two busy cores. */
export interface Patience {
  timeoutMs?: number
  everyMs?: number
}

/**
 * Asks until the answer is neither undefined nor false, and returns it. An error counts as "not
 * yet" and is told as the cause when time is up.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 60_000, everyMs = 50 }: Patience = {},
): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      cause = error
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause })
    await pause(everyMs)
  }
}
