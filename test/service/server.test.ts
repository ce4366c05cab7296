import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request as httpsRequest, Server as TlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as tlsConnect } from 'node:tls'
import t, { type Test } from 'tap'
import { type AppOptions, buildApp } from '../../src/app.ts'
import { defaultLimits } from '../../src/service/limits.ts'
import { serviceLogger } from '../../src/service/logging.ts'
import { logLines } from './log-lines.ts'
import { selfSigned } from './self-signed.ts'

async function listening(t: Test, options: Partial<AppOptions> = {}) {
  const app = buildApp({ version: '0', ...options })
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: (app.server.address() as AddressInfo).port }
}

function socketTo(t: Test, port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  return socket
}

async function tlsSocketTo(t: Test, port: number, ca: string) {
  const socket = tlsConnect({ port, host: '127.0.0.1', ca })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** What a client is told that sends its body a byte at a time. */
function dripping(t: Test, socket: Socket): Promise<string> {
  socket.write(`${head}Content-Length: 1000000\r\n\r\n`)
  socket.on('error', () => {})
  const drip = setInterval(() => socket.write(' '), 10)
  t.teardown(() => clearInterval(drip))
  return text(socket)
}

const head = 'POST /observe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const pod = {
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } },
}

t.test(
  'an idle connection outlives the 90 s of a Go client; a request does not take 10 s',
  async t => {
    const { app } = await listening(t)
    t.ok(app.server.keepAliveTimeout > 90_000)
    for (const ms of [app.server.requestTimeout, app.server.headersTimeout, app.server.timeout]) {
      t.ok(ms > 0 && ms < 10_000)
    }
    t.equal(defaultLimits.bodyBytes, 64 * 1024 * 1024)
  },
)

t.test('a slow client is cut off', async t => {
  const cases = [
    { name: 'that says nothing', said: '' },
    { name: 'that never ends its headers', said: head },
    { name: 'that never ends its body', said: `${head}Content-Length: 100\r\n\r\n{` },
  ]
  for (const { name, said } of cases) {
    t.test(name, async t => {
      const { port } = await listening(t, { limits: { requestMs: 50 } })
      const socket = socketTo(t, port)
      socket.write(said)
      socket.resume()
      await once(socket, 'close')
      t.equal(socket.destroyed, true)
    })
  }

  t.test('that sends a byte now and then', async t => {
    const { port } = await listening(t, { limits: { requestMs: 100 } })
    t.match(await dripping(t, socketTo(t, port)), /^HTTP\/1.1 408 /)
  })
})

t.test('a body that breaks off is the caller’s doing, not a bug', async t => {
  const { lines, destination } = logLines()
  const { port } = await listening(t, { logger: serviceLogger('warn', destination) })
  const socket = socketTo(t, port)
  const logged = once(destination, 'line')
  socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => socket.resetAndDestroy())
  await logged
  t.match(JSON.parse(lines[0] ?? ''), { level: 'warn', msg: 'request refused' })
})

t.test('what was asked before the stop is still answered', async t => {
  let letGo = () => {}
  const held = new Promise<void>(resolve => {
    letGo = resolve
  })
  let arrived = () => {}
  const arrival = new Promise<void>(resolve => {
    arrived = resolve
  })
  const { app, port } = await listening(t, {
    observe: async () => {
      arrived()
      await held
      return { annotations: { fact: 'x' }, attachments: [] }
    },
  })
  const body = JSON.stringify(pod)
  const asking = socketTo(t, port)
  asking.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
  const probing = socketTo(t, port)
  probing.write('GET /readyz HTTP/1.1\r\nHost: x\r\n')
  await arrival

  const closed = app.close()
  probing.write('\r\n')
  t.match(await text(probing), /^HTTP\/1.1 503 [\s\S]*"stopping"/, 'it is not ready while it stops')
  letGo()
  t.match(await text(asking), /^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*{"fact":"x"}/i)
  await closed
})

t.test('with a certificate', async t => {
  const first = selfSigned('first')
  let current = first
  const { app, port } = await listening(t, { tls: () => current })
  const whoAnswers = async (ca: string) => {
    return (await tlsSocketTo(t, port, ca)).getPeerCertificate().subject.CN
  }

  t.test('the service speaks TLS', async t => {
    const asking = httpsRequest({ port, host: '127.0.0.1', path: '/healthz', ca: first.cert }).end()
    const [answer] = await once(asking, 'response')
    t.equal(answer.statusCode, 200)
    t.equal(await text(answer), '{"status":"ok"}')
  })

  t.test('the figures tell when it expires, also after a renewal', async t => {
    const told = async (ca: string) => {
      const asking = httpsRequest({ port, host: '127.0.0.1', path: '/metrics', ca }).end()
      const [answer] = await once(asking, 'response')
      return /^jitsi_operator_certificate_expiry_timestamp_seconds (.*)$/m.exec(await text(answer))
    }
    const ends = Date.parse(new X509Certificate(first.cert).validTo) / 1000
    t.equal(Number((await told(first.cert))?.[1]), ends)
    current = selfSigned('renewed', '30')
    t.not(Number((await told(first.cert))?.[1]), ends)
    current = first
  })

  t.test('plain HTTP gets no answer', async t => {
    const socket = socketTo(t, port)
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    t.notMatch(await text(socket), /200/)
  })

  t.test('another certificate counts from the next connection on', async t => {
    t.equal(await whoAnswers(first.cert), 'first')
    const second = selfSigned('second')
    t.ok(app.server instanceof TlsServer)
    if (app.server instanceof TlsServer) app.server.setSecureContext(second)
    t.equal(await whoAnswers(second.cert), 'second')
    await t.rejects(whoAnswers(first.cert), 'the old one is gone')
  })

  t.test('a client that never ends its handshake is cut off', async t => {
    const slow = await listening(t, { tls: () => first, limits: { requestMs: 50 } })
    const socket = socketTo(t, slow.port)
    socket.resume()
    await once(socket, 'close')
    t.equal(socket.destroyed, true)
  })

  t.test('a body that comes a byte now and then is cut off', async t => {
    const slow = await listening(t, { tls: () => first, limits: { requestMs: 500 } })
    const socket = await tlsSocketTo(t, slow.port, first.cert)
    t.match(await dripping(t, socket), /^HTTP\/1.1 408 /)
  })

  t.test('a body over the limit is refused', async t => {
    const small = await listening(t, { tls: () => first, limits: { bodyBytes: 100 } })
    const socket = await tlsSocketTo(t, small.port, first.cert)
    socket.write(`${head}Connection: close\r\nContent-Length: 101\r\n\r\n`)
    t.match(await text(socket), /^HTTP\/1.1 413 /)
  })
})
