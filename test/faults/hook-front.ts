import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SyncRequest, SyncResponse } from '../../src/api/metacontroller.ts'

/** One call of a hook on its way through the front. */
export interface Call {
  /** `/jitsi/sync`, `/jitsi/customize` or `/observe`. */
  hook: string
  namespace: string
  response: ServerResponse
  /** What the service answers; rejects when there is no answer. */
  answer: () => Promise<Buffer>
}

/** What becomes of one call instead of an answer; resolves when it has happened. */
export type Mischief = (call: Call) => Promise<void>

/** Hears of every answer of `/jitsi/sync` that Metacontroller got. */
export type Listener = (request: SyncRequest, answer: SyncResponse) => void

interface Armed {
  hook: string
  namespace: string | undefined
  mischief: Mischief
  done: () => void
}

/**
 * Stands between Metacontroller and the service: passes calls on, and lets single ones go wrong
 * that somebody armed it for.
 */
export class HookFront {
  url = ''
  /** Who answers for a namespace; all of them, in turns as chance has it. */
  readonly versions: (namespace: string) => string
  private readonly server: Server
  private readonly armed: Armed[] = []
  private readonly counts = new Map<string, number>()
  private readonly listener: Listener

  constructor(options: { versions: HookFront['versions']; listener: Listener }) {
    this.versions = options.versions
    this.listener = options.listener
    this.server = createServer((request, response) => {
      this.pass(request, response).catch(() => response.destroy())
    })
    this.server.keepAliveTimeout = 120_000
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  /**
   * So many answers of `/jitsi/sync` about a namespace have reached Metacontroller, from all
   * versions or from the one at that URL.
   */
  delivered(namespace: string, version = ''): number {
    return this.counts.get(version + namespace) ?? 0
  }

  /** The next call of that hook, of one namespace or of any, goes wrong; resolves when it has. */
  arm(hook: string, mischief: Mischief, namespace?: string): Promise<void> {
    return new Promise(done => {
      this.armed.push({ hook, namespace, mischief, done })
    })
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytes(request)
    const hook = new URL(request.url ?? '/', 'http://front').pathname
    const parsed = JSON.parse(body.toString('utf8'))
    const namespace: string = (parsed.parent ?? parsed.object)?.metadata?.namespace ?? ''
    const version = this.versions(namespace)
    const answer = () => this.ask(`${version}${request.url}`, body)
    const armed = this.take(hook, namespace)
    if (armed) {
      // The service may be away just now: then there is no answer at all, which is as bad.
      await armed.mischief({ hook, namespace, response, answer }).catch(() => response.destroy())
      armed.done()
      return
    }
    const text = await answer()
    await deliver(response, text)
    if (hook !== '/jitsi/sync') return
    for (const by of ['', version]) {
      this.counts.set(by + namespace, this.delivered(namespace, by) + 1)
    }
    this.listener(parsed, JSON.parse(text.toString('utf8')))
  }

  private take(hook: string, namespace: string): Armed | undefined {
    const index = this.armed.findIndex(
      it => it.hook === hook && (it.namespace ?? namespace) === namespace,
    )
    return index < 0 ? undefined : this.armed.splice(index, 1)[0]
  }

  private async ask(url: string, body: Buffer): Promise<Buffer> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(body),
    })
    const text = Buffer.from(await answer.arrayBuffer())
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`)
    return text
  }
}

/** Resolves when the caller has it; rejects when the caller left before. */
function deliver(response: ServerResponse, text: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('finish', resolve).once('close', () => reject(new Error('the caller left')))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.end(text)
  })
}

async function bytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
