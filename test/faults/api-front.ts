import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ControlPlane } from '../cluster/control-plane.ts'
import type { Access, WatchEvent } from '../cluster/kube-client.ts'
import { selfSigned } from '../service/self-signed.ts'

/**
 * Stands between Metacontroller and the API server, and can keep the news of a namespace from it:
 * then Metacontroller's view is old, and what it shows the hook is so too. Its writes go through.
 */
export class ApiFront {
  private readonly server: Server
  private readonly agent: Agent
  private readonly target: URL
  private readonly pair = selfSigned('127.0.0.1')
  private readonly held = new Map<string, (() => void)[]>()
  /** Paths of watches that ended while news was kept from them: it would be missed for ever. */
  private readonly missed: string[] = []

  constructor({ server, ca }: Access) {
    this.target = new URL(server)
    this.agent = new Agent({ keepAlive: true, ca, maxSockets: 256 })
    this.server = createServer(this.pair, (from, to) => this.pass(from, to))
    this.server.keepAliveTimeout = 120_000
    this.server.requestTimeout = 0
  }

  listen(): Promise<void> {
    return new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve))
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
    this.agent.destroy()
  }

  /** The same control plane, as Metacontroller is to see it. */
  infrontOf(plane: ControlPlane): ControlPlane {
    const { token } = plane.access('metacontroller')
    const server = `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    const path = join(plane.folder, 'kubeconfig-front')
    const ca = Buffer.from(this.pair.cert).toString('base64')
    const text = `apiVersion: v1
kind: Config
clusters: [{name: front, cluster: {server: "${server}", certificate-authority-data: "${ca}"}}]
users: [{name: front, user: {token: "${token}"}}]
contexts: [{name: front, context: {cluster: front, user: front}}]
current-context: front
`
    writeFileSync(path, text, { mode: 0o600 })
    return {
      ...plane,
      access: () => ({ server, ca: this.pair.cert, token }),
      kubeconfig: () => path,
    }
  }

  /**
   * Keeps all news of a namespace back, but for those of its Jitsi, until the returned function is
   * called; then they come, and it answers how many there were. A view that is old is whole: who
   * begins to watch is told all that there is, bookmarks that would skip what is kept back are left
   * out, and a watch that ends before it was told all can't go on from there.
   */
  hold(namespace: string): () => number {
    const late: (() => void)[] = []
    this.held.set(namespace, late)
    return () => {
      this.held.delete(namespace)
      for (const tell of late) tell()
      return late.length
    }
  }

  private pass(from: IncomingMessage, to: ServerResponse): void {
    const { hostname, port } = this.target
    const { host: _, ...headers } = from.headers
    const { method, url: path = '' } = from
    if (this.mustListAnew(path)) {
      gone(to)
      return
    }
    const onward = request({ hostname, port, path, method, headers, agent: this.agent })
    onward.on('response', answer => {
      if (isNews(path, answer)) this.watched(path, answer, to)
      else whole(answer, to)
    })
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    from.pipe(onward)
  }

  /** Is it a watch that goes on after one that missed something? */
  private mustListAnew(path: string): boolean {
    const at = isWatch(path) ? this.missed.indexOf(pathname(path)) : -1
    if (at < 0) return false
    this.missed.splice(at, 1)
    // It begins with all that there is, so nothing is missed.
    return !path.includes('sendInitialEvents=true')
  }

  private watched(path: string, answer: IncomingMessage, to: ServerResponse): void {
    to.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('error', () => to.destroy())
    to.flushHeaders()
    let isListing = path.includes('sendInitialEvents=true')
    let kept = 0
    const lines = createInterface({ input: answer })
    lines.on('line', line => {
      const { namespace, isBookmark, endsList } = about(line)
      const tell = () => void to.write(`${line}\n`)
      if (isListing) isListing = !endsList
      else if (isBookmark && this.held.size > 0) return
      const late = isListing || isBookmark ? undefined : this.held.get(namespace)
      if (!late) return tell()
      kept++
      late.push(() => {
        kept--
        tell()
      })
    })
    lines.on('error', () => to.destroy())
    lines.on('close', () => to.end())
    to.on('close', () => {
      if (kept > 0) this.missed.push(pathname(path))
    })
  }
}

/** An answer as it is. */
function whole(answer: IncomingMessage, to: ServerResponse): void {
  to.writeHead(answer.statusCode ?? 502, answer.headers)
  answer.on('error', () => to.destroy())
  answer.pipe(to)
}

/** What the API server says to who asks for news since a time that it has forgotten. */
function gone(to: ServerResponse): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired' }
  to.writeHead(410, { 'content-type': 'application/json' })
  to.end(JSON.stringify({ ...status, code: 410, message: 'too old resource version' }))
}

const isWatch = (path: string) => /[?&]watch=(true|1)/.test(path)

const isNews = (path: string, answer: IncomingMessage) =>
  isWatch(path) && answer.headers['content-type']?.startsWith('application/json')

const pathname = (path: string) => path.split('?')[0] ?? path

/** What is new; nothing of a Jitsi is ever kept back: who does not hear of that is not asked. */
function about(line: string) {
  const { type, object } = JSON.parse(line) as Partial<WatchEvent>
  const isBookmark = type === 'BOOKMARK'
  return {
    namespace: object?.kind === 'Jitsi' ? '' : (object?.metadata?.namespace ?? ''),
    isBookmark,
    endsList: isBookmark && 'k8s.io/initial-events-end' in (object?.metadata?.annotations ?? {}),
  }
}
