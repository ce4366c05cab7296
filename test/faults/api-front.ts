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
   * called; then they come.
   */
  hold(namespace: string): () => void {
    const late: (() => void)[] = []
    this.held.set(namespace, late)
    return () => {
      this.held.delete(namespace)
      for (const tell of late) tell()
    }
  }

  private pass(from: IncomingMessage, to: ServerResponse): void {
    const { hostname, port } = this.target
    const { host: _, ...headers } = from.headers
    const { method, url: path } = from
    const onward = request({ hostname, port, path, method, headers, agent: this.agent })
    onward.on('response', answer => this.answer(answer, to, isWatch(path)))
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    from.pipe(onward)
  }

  private answer(answer: IncomingMessage, to: ServerResponse, watch: boolean): void {
    to.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('error', () => to.destroy())
    if (!(watch && answer.headers['content-type']?.startsWith('application/json'))) {
      answer.pipe(to)
      return
    }
    to.flushHeaders()
    const lines = createInterface({ input: answer })
    lines.on('line', line => this.news(line, text => to.write(text)))
    lines.on('error', () => to.destroy())
    lines.on('close', () => to.end())
  }

  private news(line: string, tell: (text: string) => void): void {
    const late = this.held.size > 0 && this.held.get(namespaceOf(line))
    const say = () => tell(`${line}\n`)
    if (late) late.push(say)
    else say()
  }
}

const isWatch = (path = '') => /[?&]watch=(true|1)/.test(path)

/** Nothing for a Jitsi: who does not hear of that is not asked. And a refusal is no news. */
function namespaceOf(line: string): string {
  const { object } = JSON.parse(line) as Partial<WatchEvent>
  return object?.kind === 'Jitsi' ? '' : (object?.metadata?.namespace ?? '')
}
