import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { type AppOptions, buildApp } from '../../src/app.ts'
import { serviceLogger } from '../../src/service/logging.ts'
import { logLines } from './log-lines.ts'

/*
 * Secrets are planted wherever a hook call can carry them; whatever happens then, no line of the
 * log, at its most talkative level, may hold one of them, plain or encoded.
 */

const encoded = (secret: string) => Buffer.from(secret).toString('base64')
const planted = {
  child: 'planted-child-secret',
  related: 'planted-related-secret',
  text: 'planted-string-data',
  turn: 'planted-turn-secret',
  variable: 'planted-variable',
  token: 'planted-bearer-token',
  cookie: 'planted-cookie',
  query: 'planted-query',
  made: 'planted-made-password',
}
const forbidden = Object.values(planted).flatMap(secret => [secret, encoded(secret)])

const metadata = { name: 'meet', namespace: 'school' }
const secretOf = (data: object, more: object = {}) => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data, ...more }
  const applied = { 'metacontroller.k8s.io/last-applied-configuration': JSON.stringify(secret) }
  return {
    'Secret.v1': { 'school/meet': { ...secret, metadata: { ...metadata, annotations: applied } } },
  }
}
const request = {
  parent: {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata,
    spec: {
      domain: 'meet.example.org',
      turn: { secret: planted.turn },
      variables: { JWT_APP_SECRET: planted.variable },
    },
  },
  children: secretOf({ JVB_AUTH_PASSWORD: encoded(planted.child) }),
  related: secretOf({ key: encoded(planted.related) }, { stringData: { key: planted.text } }),
  object: { apiVersion: 'v1', kind: 'Pod', metadata },
}
// The plan never sees a URL.
const { query: _, ...seen } = planted
const everything = JSON.stringify([seen, Object.values(seen).map(encoded), request])

type Reconcile = NonNullable<AppOptions['reconcile']>

const answered: Reconcile = (_request, { password }) => ({
  response: { status: { quoted: planted.turn }, children: [] },
  decisions: [{ reason: 'Made', message: `${password()} ${everything}`, object: planted.variable }],
})

function throws(error: unknown): Reconcile {
  return (_request, { password }) => {
    password()
    throw error
  }
}

function loggedApp(t: Test, options: Partial<AppOptions>) {
  const { destination, lines } = logLines()
  const app = buildApp({
    version: '0',
    logger: serviceLogger('trace', destination),
    password: () => planted.made,
    reconcile: answered,
    ...options,
  })
  t.teardown(() => app.close())
  return { app, lines }
}

const headers = {
  authorization: `Bearer ${planted.token}`,
  cookie: planted.cookie,
  'content-type': 'application/json',
}
const url = `/jitsi/sync?token=${planted.query}`

t.test('no secret reaches a log line', async t => {
  const cause = new Error(everything)
  const cases: {
    name: string
    payload?: unknown
    options?: Partial<AppOptions>
    status: number
  }[] = [
    { name: 'when all is well', status: 200 },
    {
      name: 'when an error quotes everything in message, stack, cause and properties',
      options: {
        reconcile: throws(Object.assign(new Error(everything, { cause }), { request, everything })),
      },
      status: 500,
    },
    { name: 'when a text is thrown', options: { reconcile: throws(everything) }, status: 500 },
    { name: 'when an object is thrown', options: { reconcile: throws({ request }) }, status: 500 },
    {
      name: 'when the error names the code of a secret',
      options: { reconcile: throws(Object.assign(new Error('x'), { code: planted.child })) },
      status: 500,
    },
    {
      name: 'when the answer is unusable',
      options: {
        reconcile: () => ({
          response: { status: {}, children: [request] as never },
          decisions: [],
        }),
      },
      status: 500,
    },
    { name: 'when the token is wrong', options: { tokens: () => ['another'] }, status: 401 },
    {
      name: 'when the request breaks the contract',
      payload: { ...request, parent: planted.turn },
      status: 400,
    },
    {
      name: 'when the parent has no real name',
      payload: {
        ...request,
        parent: { ...request.parent, metadata: { name: 7, namespace: `!${planted.turn}` } },
      },
      status: 400,
    },
    {
      name: 'when the body is cut off',
      payload: JSON.stringify(request).slice(0, -9),
      status: 400,
    },
    { name: 'when the body is too large', options: { limits: { bodyBytes: 50 } }, status: 413 },
  ]
  for (const { name, payload = request, options = {}, status } of cases) {
    t.test(name, async t => {
      const { app, lines } = loggedApp(t, options)
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
      const reply = await app.inject({ method: 'POST', url, payload: body, headers })
      t.equal(reply.statusCode, status)
      t.not(lines.length, 0, 'something is logged')
      for (const secret of forbidden) t.notOk(lines.join().includes(secret), secret)
      if (status === 200) return
      for (const secret of forbidden) t.notOk(reply.body.includes(secret), `answer: ${secret}`)
    })
  }

  t.test('when the bytes are no HTTP at all', async t => {
    const { app, lines } = loggedApp(t, {})
    await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`POST ${url} HTTP/1.1\r\nHost: x\r\nAuthorization ${planted.token}\r\n\r\n`)
    t.match(await text(socket), /^HTTP\/1.1 400 /)
    for (const secret of forbidden) t.notOk(lines.join().includes(secret), secret)
  })

  t.test('when somebody logs a request, an answer or headers as they are', async t => {
    const { app, lines } = loggedApp(t, {})
    app.get('/careless', async (req, res) => {
      req.log.info({ req, res, headers: req.headers, nested: { headers: req.headers } }, 'careless')
      return {}
    })
    await app.inject({ url: `/careless?token=${planted.query}`, headers })
    t.match(lines.join(), /"method":"GET","route":"\/careless"/)
    for (const secret of forbidden) t.notOk(lines.join().includes(secret), secret)
  })
})

t.test('the message of a bug stays readable', async t => {
  const error = new Error(`port 10000 is held twice by ${planted.turn}`)
  const { app, lines } = loggedApp(t, { reconcile: throws(error) })
  await app.inject({ method: 'POST', url, payload: request, headers })
  const { err } = JSON.parse(lines[0] ?? '')
  t.match(err, {
    type: 'Error',
    message: 'port 10000 is held twice by [hidden]',
    stack: /\.ts:\d+/,
  })
})

t.test('the status that the plan answers quotes no secret', async t => {
  const { app } = loggedApp(t, {})
  const real = buildApp({ version: '0', password: () => planted.made })
  t.teardown(() => real.close())
  await app.ready()
  const reply = await real.inject({ method: 'POST', url, payload: request, headers })
  t.equal(reply.statusCode, 200)
  const status = JSON.stringify(reply.json().status)
  for (const secret of forbidden) t.notOk(status.includes(secret), secret)
})
