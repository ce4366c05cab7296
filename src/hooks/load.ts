import { lookup } from 'node:dns/promises'
import { Type } from '@sinclair/typebox'
import {
  type LoadEdges,
  type LoadQuery,
  loadOf,
  type NoLoad,
  type SeenBridges,
  seenBridges,
} from '../autoscaling/load.ts'
import { exchange } from '../observer/exchange.ts'
import type { Service } from './service.ts'

const Params = Type.Object({ namespace: Type.String(), jitsi: Type.String() })
const Query = Type.Object({ spare: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })) })

/** Adapters give up after 15 seconds; they must hear from us that something is unknown. */
const deadlineMs = 5000

/** The way of the running service: the cluster's DNS, and HTTP to the bridges. */
export const loadEdges: LoadEdges = {
  // Not resolve4: only the system's resolver completes a name by the search domains of the Pod.
  addresses: async host => (await lookup(host, { all: true })).map(({ address }) => address),
  readJson: async (url, signal) => {
    const answer = await exchange(url, { signal, headers: { accept: 'application/json' } })
    if (answer.status !== 200) throw new Error(`GET ${url} answered ${answer.status}, not 200`)
    return JSON.parse(answer.body)
  },
  deadline: () => AbortSignal.timeout(deadlineMs),
}

/**
 * `GET /load/<namespace>/<jitsi>`: the load of a fleet for autoscalers, open like /metrics, since
 * they have no token of ours. `?spare=100` adds room for so many participants. Whoever asks while
 * the bridges are being asked hears what they said, whatever the room: nobody makes us ask twice at
 * a time.
 */
export function loadRoute(app: Service, edges: LoadEdges = loadEdges) {
  const underWay = new Map<string, Promise<SeenBridges | NoLoad>>()
  const shared = (query: LoadQuery) => {
    const key = JSON.stringify(query)
    const running = underWay.get(key)
    if (running) return running
    const asked = seenBridges(query, edges).finally(() => underWay.delete(key))
    underWay.set(key, asked)
    return asked
  }
  app.get(
    '/load/:namespace/:jitsi',
    { schema: { params: Params, querystring: Query } },
    async (request, reply) => {
      const { params, query } = request
      const seen = await shared(params)
      const load = 'status' in seen ? seen : loadOf(seen, Number(query.spare ?? 0))
      if (!('status' in load)) return load
      request.log.info({ ...params, status: load.status }, load.message)
      const error = load.status === 404 ? 'NotFound' : 'Unavailable'
      return reply.code(load.status).send({ error, message: load.message })
    },
  )
}
