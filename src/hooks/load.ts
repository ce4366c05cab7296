import { lookup } from 'node:dns/promises'
import { Type } from '@sinclair/typebox'
import {
  type LoadEdges,
  type LoadQuery,
  loadOf,
  type NoLoad,
  type SeenBridges,
  seenBridges,
  unknown,
} from '../autoscaling/load.ts'
import { readJson } from '../observer/exchange.ts'
import type { Service } from './service.ts'
import { turns } from './turns.ts'

const Params = Type.Object({ namespace: Type.String(), jitsi: Type.String() })
const Query = Type.Object({ spare: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })) })

/** Adapters give up after 15 seconds; they must hear from us that something is unknown. */
const deadlineMs = 5000

/**
 * Names looked up at a time, by whomever they are asked for. Node has two threads for names, and
 * what waits for these cannot be called off: a caller who thinks up slow names would fill the line
 * for all.
 */
const lookupsAtOnce = 4

/** Jitsis asked for at a time; a round takes some hundredths of a second where nothing is slow. */
const mostUnderWay = 200

/** The way of the running service: the cluster's DNS, and HTTP to the bridges. */
export const loadEdges: LoadEdges = {
  // Not resolve4: only the system's resolver completes a name by the search domains of the Pod.
  addresses: async host => (await lookup(host, { all: true })).map(({ address }) => address),
  readJson,
  deadline: () => AbortSignal.timeout(deadlineMs),
}

/**
 * `GET /load/<namespace>/<jitsi>`: the load of a fleet for autoscalers, open like /metrics, since
 * they have no token of ours. `?spare=100` adds room for so many participants. Whoever asks while
 * the bridges are being asked hears what they said, whatever the room: nobody makes us ask twice at
 * a time. Nor does anybody make us ask for very many Jitsis: adapters hold, and ask again.
 */
export function loadRoute(app: Service, edges: LoadEdges = loadEdges) {
  const underWay = new Map<string, Promise<SeenBridges | NoLoad>>()
  const inTurn = turns(lookupsAtOnce)
  const addresses: LoadEdges['addresses'] = (host, deadline) =>
    inTurn(() => edges.addresses(host, deadline), deadline)
  const shared = (query: LoadQuery) => {
    const key = JSON.stringify(query)
    const running = underWay.get(key)
    if (running) return running
    if (underWay.size >= mostUnderWay) {
      return unknown(`${mostUnderWay} others are being asked for; ask again.`)
    }
    const asked = seenBridges(query, { ...edges, addresses }).finally(() => underWay.delete(key))
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
