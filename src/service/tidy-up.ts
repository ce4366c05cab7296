import type { FastifyInstance } from 'fastify'

/** Bytes of a request from which on much is left behind: a hundred bridges are 3 MB. */
const large = 1_000_000

const afterStartMs = 1000

/**
 * While a fleet changes, large requests come more often than that, and each leaves its garbage to
 * the next.
 */
const afterLargeRequestMs = 60_000

/**
 * Collects garbage at rest: a second after the start, which leaves a fifth of what the idle process
 * takes, and a minute after the last large request. V8 itself keeps it until there is much to do.
 * It takes some 90 ms, for which whoever calls just then waits.
 */
export function tidyUpAtRest(
  app: Pick<FastifyInstance, 'addHook'>,
  collect = collectEverything,
): void {
  let waiting: NodeJS.Timeout | undefined
  const collectIn = (ms: number) => {
    clearTimeout(waiting)
    waiting = setTimeout(collect, ms).unref()
  }
  app.addHook('onListen', async () => collectIn(afterStartMs))
  app.addHook('onResponse', async ({ headers }) => {
    if (Number(headers['content-length'] ?? 0) >= large) collectIn(afterLargeRequestMs)
  })
}

/** Does nothing without `--expose-gc`, which the image sets. */
function collectEverything() {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' })
}
