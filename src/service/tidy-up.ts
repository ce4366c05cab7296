import type { FastifyInstance } from 'fastify'

/** Bytes of a request from which on much is left behind: a hundred bridges are 3 MB. */
const large = 1_000_000

const afterStartMs = 1000

/** Rarer than large requests come while anything happens: to collect takes half as long as one of them. */
const afterLargeRequestMs = 60_000

/**
 * Collects garbage while nobody waits for it: a second after the start, which leaves a fifth of what
 * the idle process takes, and a minute after the last large request, of which 100 MB stay. V8 itself
 * keeps both until there is much to do.
 */
export function tidyUpAtRest(
  app: Pick<FastifyInstance, 'addHook'>,
  collect = collectEverything,
): void {
  const collectIn = (ms: number) => setTimeout(collect, ms).unref()
  let waiting = collectIn(afterStartMs)
  app.addHook('onResponse', async ({ headers }) => {
    if (Number(headers['content-length'] ?? 0) < large) return
    clearTimeout(waiting)
    waiting = collectIn(afterLargeRequestMs)
  })
}

/** Does nothing without `--expose-gc`, which the image sets. */
function collectEverything() {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' })
}
