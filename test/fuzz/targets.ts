import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildApp } from '../../src/app.ts'
import type { Edges } from '../../src/observer/edges.ts'
import { serviceLogger } from '../../src/service/logging.ts'
import { Random } from '../../src/simulation/fleet/random.ts'
import { idleMetrics } from '../observer/pods.ts'
import { logLines } from '../service/log-lines.ts'
import { node } from '../support/cluster.ts'
import { now } from '../support/fixtures.ts'
import type { FuzzCall } from './calls.ts'
import type { Reply } from './judge.ts'
import { mutated } from './mutation.ts'
import { planted } from './planted.ts'

/** The service as it ships, but for its way to Pods and Nodes. */
export interface Target {
  send: (call: FuzzCall) => Promise<Reply>
  stop: () => Promise<void>
}

const headers = { 'content-type': 'application/json' }

/** Calls within this process: no socket, everything else. */
export function inProcess(seed: number): Target {
  const { app, lines } = loggedApp(seed)
  return {
    send: async ({ url, body }) => {
      const reply = await app.inject({ method: 'POST', url, payload: body, headers })
      return { status: reply.statusCode, body: reply.body, log: lines.splice(0).join('') }
    },
    stop: () => app.close(),
  }
}

/** Calls over a connection on loopback that is kept, as Metacontroller keeps its own. */
export async function overHttp(seed: number): Promise<Target> {
  const { app, lines } = loggedApp(seed)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    send: async call => ({ ...(await post(port, call, agent)), log: lines.splice(0).join('') }),
    stop: async () => {
      agent.destroy()
      await app.close()
    },
  }
}

function post(port: number, { url, body }: FuzzCall, agent: Agent) {
  return new Promise<Omit<Reply, 'log'>>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url, method: 'POST', agent, headers }
    const call = request(options, async answer => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
    })
    call.on('error', reject)
    call.end(body)
  })
}

function loggedApp(seed: number) {
  const { lines, destination } = logLines()
  const app = buildApp({
    version: '0',
    logger: serviceLogger('trace', destination),
    password: () => planted.made,
    now: () => now,
    edges: hostileEdges(new Random(seed)),
  })
  return { app, lines }
}

/** Bridges and Nodes that answer as they should, oddly, or not at all. */
function hostileEdges(random: Random): Edges {
  const odd = <T>(value: T): T => {
    if (random.chance(0.2)) throw new Error('it does not answer')
    return random.chance(0.5) ? value : (mutated(value, random) as T)
  }
  return {
    now: () => now,
    deadline: () => AbortSignal.timeout(60_000),
    readJson: async () => odd<unknown>(idleMetrics),
    post: async () => odd(undefined),
    readNode: async name => random.pick([node(name, '203.0.113.1') as never, 'gone', undefined]),
  }
}
