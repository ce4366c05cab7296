import { exchange, readJson } from './exchange.ts'
import type { ReadNode } from './node-memory.ts'
import { type ApiServer, nodeReader } from './node-reader.ts'

/**
 * Everything impure that the observer needs. Tests and the fake fleet bring their own; the
 * service uses `observerEdges`. Every call rejects, or answers undefined, rather than wait longer
 * than the deadline.
 */
export interface Edges {
  now: () => Date
  /** One deadline for all calls of one observation. */
  deadline: () => AbortSignal
  /** GET, `Accept: application/json`; rejects unless the answer is 200 and JSON. */
  readJson: (url: string, deadline: AbortSignal) => Promise<unknown>
  /** POST without a body; rejects unless the answer is 2xx. */
  post: (url: string, deadline: AbortSignal) => Promise<void>
  readNode: ReadNode
}

/** Where the observer's production edges reach, and for how long. */
export interface EdgeSettings {
  /** Milliseconds for one observation: a hung bridge holds one of Metacontroller's few workers. */
  deadlineMs?: number
  /** None outside of a cluster: then nothing is known of Nodes. */
  apiServer?: ApiServer
  now?: () => Date
}

/** The edges of the running service: HTTP to Pods, and the API server for their Nodes. */
export function observerEdges(settings: EdgeSettings = {}): Edges {
  const { deadlineMs = 2000, apiServer, now = () => new Date() } = settings
  return {
    now,
    deadline: () => AbortSignal.timeout(deadlineMs),
    readJson,
    post: async (url, signal) => {
      const { status } = await exchange(url, { method: 'POST', signal })
      // A redirect is no success and is never followed: it could lead anywhere.
      if (status < 200 || status > 299) throw new Error(`POST ${url} answered ${status}, not 2xx`)
    },
    readNode: apiServer ? nodeReader(apiServer, now) : async () => undefined,
  }
}
