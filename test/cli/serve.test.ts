import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { selfSigned } from '../service/self-signed.ts'
import { run, start } from './command.ts'

// Each run is a process of its own, and machines can be busy.
t.setTimeout(180_000)

type Line = Record<string, unknown> & { msg: string }

/** The real service on a free port, and its log line by line. */
async function served(t: Test, env: Record<string, string> = {}, flags: string[] = []) {
  const child = start(['serve'], { PORT: '0', RELOAD_SECONDS: '1', ...env }, flags)
  t.teardown(() => child.kill('SIGKILL'))
  const waiting: { part: string; found: (line: Line) => void }[] = []
  const lines: Line[] = []
  if (child.stdout === null) throw new Error('no log')
  createInterface(child.stdout).on('line', json => {
    const line = JSON.parse(json) as Line
    lines.push(line)
    for (const { part, found } of waiting) if (line.msg.includes(part)) found(line)
  })
  const logged = (part: string) =>
    new Promise<Line>(found => {
      const line = lines.find(({ msg }) => msg.includes(part))
      if (line) found(line)
      else waiting.push({ part, found })
    })
  const { msg } = await logged('listening at')
  return { child, lines, logged, address: msg.replace(/.* at /, '') }
}

t.test('serve listens on loopback, and a signal ends it in good order', async t => {
  const { child, address, lines } = await served(t)
  t.match(address, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal((await fetch(`${address}/readyz`)).status, 200)
  child.kill('SIGTERM')
  t.strictSame(await once(child, 'exit'), [0, null])
  t.match(lines.at(-1), { msg: 'stopping', signal: 'SIGTERM' })
})

t.test('serve collects the garbage of its start', async t => {
  const collector = 'globalThis.gc = () => console.log(JSON.stringify({ msg: "collected" }))'
  const file = t.testdir({ 'collector.cjs': collector })
  const { logged } = await served(t, {}, ['--require', join(file, 'collector.cjs')])
  t.ok(await logged('collected'))
})

t.test('serve with a certificate and a token file', async t => {
  const first = selfSigned('first')
  const folder = t.testdir({ 'tls.crt': first.cert, 'tls.key': first.key, token: 'old-token\n' })
  const path = (name: string) => join(folder, name)
  /** As the kubelet does: whole files at once, never half-written ones. */
  const replace = (name: string, content: string) => {
    writeFileSync(path('new'), content)
    renameSync(path('new'), path(name))
  }
  const { address, logged, lines } = await served(t, {
    TLS_CERT_FILE: path('tls.crt'),
    TLS_KEY_FILE: path('tls.key'),
    TOKEN_FILE: path('token'),
  })
  const customize = async (ca: string, authorization?: string) => {
    const asking = httpsRequest(`${address}/jitsi/customize`, {
      ca,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    })
    const metadata = { name: 'meet', namespace: 'school' }
    asking.end(JSON.stringify({ parent: { apiVersion: 'v1', kind: 'Jitsi', metadata, spec: {} } }))
    const [answer] = await once(asking, 'response')
    return { status: answer.statusCode, body: await text(answer) }
  }

  t.test('answers over TLS to whom has the token', async t => {
    t.match(address, /^https:/)
    t.match(await customize(first.cert, 'Bearer old-token'), { status: 200 })
    t.match(await customize(first.cert), { status: 401, body: /Authorization/ })
  })

  t.test('takes a new token from its file', async t => {
    replace('token', 'new-token\n')
    await logged('new bearer tokens are in use')
    t.match(await customize(first.cert, 'Bearer new-token'), { status: 200 })
    t.match(await customize(first.cert, 'Bearer old-token'), { status: 401 })
  })

  t.test('keeps the old certificate while the new pair is not complete', async t => {
    const second = selfSigned('second')
    replace('tls.crt', second.cert)
    await logged('the old one stays')
    t.match(await customize(first.cert, 'Bearer new-token'), { status: 200 })
    replace('tls.key', second.key)
    await logged('a new certificate is in use')
    t.match(await customize(second.cert, 'Bearer new-token'), { status: 200 })
  })

  t.test('writes neither tokens nor keys to its log', async t => {
    const log = JSON.stringify(lines)
    for (const secret of ['old-token', 'new-token', 'PRIVATE KEY']) t.notOk(log.includes(secret))
  })
})

t.test('serve refuses to start, with one line and code 2,', async t => {
  const { cert, key } = selfSigned('one')
  const folder = t.testdir({ cert, key, other: selfSigned('two').key, empty: '\n' })
  const { address } = await served(t)
  const cases = [
    { name: 'at a bad setting', env: { PORT: '99999' }, want: /PORT="99999": allowed is/ },
    {
      name: 'without its token file',
      env: { TOKEN_FILE: '/absent' },
      want: /TOKEN_FILE=\/absent.*no such file/,
    },
    {
      name: 'at an empty token file',
      env: { TOKEN_FILE: join(folder, 'empty') },
      want: /no token in the file/,
    },
    {
      name: 'at a key that is not the certificate’s',
      env: { TLS_CERT_FILE: join(folder, 'cert'), TLS_KEY_FILE: join(folder, 'other') },
      want: /TLS_CERT_FILE=.*TLS_KEY_FILE=.*not a PEM certificate with its private key/,
    },
    { name: 'at a port in use', env: { PORT: new URL(address).port }, want: /the port is in use/ },
  ]
  for (const { name, env, want } of cases) {
    t.test(name, async t => {
      const { code, stderr, stdout } = await run(['serve'], '', env)
      t.equal(code, 2)
      t.equal(stdout, '')
      t.match(stderr, /^error: .+\n$/)
      t.match(stderr, want)
    })
  }
})
