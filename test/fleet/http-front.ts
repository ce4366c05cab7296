import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fleet } from '../../src/simulation/fleet/fleet.ts'
import type { Metrics } from '../../src/simulation/fleet/metrics.ts'

/*
 * The fleet over real HTTP: one server per bridge or jicofo, with the paths, methods, JSON names
 * and refusals of the images' defaults. For tests with a cluster, in real time (see `play`).
 */

export interface Listen {
  /** A loopback address: only 127.0.0.0/8 and ::1 are let in. */
  address: string
  /** 0 takes a free one. */
  port: number
}

export interface Front {
  port: number
  close: () => Promise<void>
}

type Answer = { status: number; type?: string; body?: string }
type Route = (request: IncomingMessage) => Answer

const json = (value: unknown): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value),
})
const done: Answer = { status: 200 }
const notFound: Answer = { status: 404 }

/** The private HTTP server of one bridge; it hangs or breaks off as the bridge does. */
export function serveBridge(fleet: Fleet, name: string, listen: Listen): Promise<Front> {
  return serve(listen, bridgeAnswers(fleet, name))
}

/** What its server does with a request, for whoever listens elsewhere. */
export function bridgeAnswers(fleet: Fleet, name: string): RequestListener {
  const routes = bridgeRoutes(fleet, name)
  return (request, response) => {
    const metrics = fleet.metricsOf(name)
    const silent = fleet.bridges.some(
      bridge => bridge.name === name && fleet.now < bridge.silentUntil,
    )
    if (metrics) reply(response, routes.get(`${request.method} ${request.url}`)?.(request))
    else if (!silent) response.destroy()
  }
}

function bridgeRoutes(fleet: Fleet, name: string): ReadonlyMap<string, Route> {
  const drain = (on: boolean) => () => {
    fleet.drain(name, on)
    return done
  }
  return new Map<string, Route>([
    ['GET /metrics', request => metricsAnswer(fleet, name, request)],
    ['GET /about/health', () => done],
    [
      'GET /about/version',
      () => json({ name: 'JVB', version: fleet.bridge(name).version, os: 'Linux' }),
    ],
    ['GET /colibri/drain', () => json({ drain: fleet.bridge(name).drain.latest })],
    ['POST /colibri/drain/enable', drain(true)],
    ['POST /colibri/drain/disable', drain(false)],
  ])
}

function metricsAnswer(fleet: Fleet, name: string, { headers }: IncomingMessage): Answer {
  // The bridge splits the header without a look whether it is there.
  if (headers.accept === undefined) return { status: 500 }
  const metrics = fleet.metricsOf(name) ?? {}
  if (headers.accept.startsWith('application/json')) return json(metrics)
  return { status: 200, type: 'text/plain; version=0.0.4', body: prometheusText(metrics) }
}

/** The HTTP server of a shard's jicofo. */
export function serveJicofo(fleet: Fleet, shard: number, listen: Listen): Promise<Front> {
  return serve(listen, jicofoAnswers(fleet, shard))
}

/** What its server does with a request. */
export function jicofoAnswers(fleet: Fleet, shard: number): RequestListener {
  const jicofo = fleet.jicofos[shard]
  if (jicofo === undefined) throw new Error(`there is no shard ${shard}`)
  const routes = new Map<string, Route>([
    ['GET /stats', () => json(jicofo.stats(fleet.now))],
    ['GET /debug', () => json(jicofo.debug(fleet.now))],
    ['GET /about/version', () => json({ name: 'Jicofo', version: '1.0.1146', os: 'Linux' })],
  ])
  return (request, response) =>
    reply(response, routes.get(`${request.method} ${request.url}`)?.(request))
}

function reply(response: ServerResponse, { status, type, body }: Answer = notFound): void {
  response.writeHead(status, type === undefined ? {} : { 'content-type': type })
  response.end(body)
}

async function serve({ address, port }: Listen, answer: RequestListener): Promise<Front> {
  if (!/^127\.|^::1$/.test(address)) throw new Error(`${address} is no loopback address`)
  const server: Server = createServer(answer)
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, address, listening)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** Lets the fleet's time follow the real one, so many times as fast; answers how to stop it. */
export function play(fleet: Fleet, speed = 1): () => void {
  let last = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    fleet.advance(((now - last) / 1000) * speed)
    last = now
  }, 50)
  return () => clearInterval(timer)
}

/** A bridge's figures in the form for Prometheus, where flags are numbers. */
function prometheusText(metrics: Metrics): string {
  const lines = Object.entries(metrics).flatMap(([name, value]) => [
    `# TYPE jitsi_jvb_${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`,
    `jitsi_jvb_${name} ${Number(value)}`,
  ])
  return `${lines.join('\n')}\n# EOF\n`
}
