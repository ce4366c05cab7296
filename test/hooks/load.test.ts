import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import type { LoadEdges } from '../../src/autoscaling/load.ts'
import { loadEdges } from '../../src/hooks/load.ts'

const bridge = {
  startup_time: 1,
  healthy: true,
  drain_mode: false,
  shutting_down: false,
  mucs_joined: 1,
  stress: 0.4,
  local_endpoints: 40,
  conferences: 2,
}

const edges = (overrides: Partial<LoadEdges> = {}): LoadEdges => ({
  addresses: async () => ['10.0.0.1', '10.0.0.2'],
  readJson: async () => bridge,
  deadline: () => new AbortController().signal,
  ...overrides,
})

const app = (overrides: Partial<LoadEdges> = {}) =>
  buildApp({ version: 'test', tokens: () => ['secret'], loadEdges: edges(overrides) })

t.test('gives autoscalers the load of a fleet, without a token', async t => {
  const answer = await app().inject('/load/school/meet')
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), {
    stress: 0.8,
    bridges: 2,
    participants: 80,
    draining: 0,
    starting: 0,
  })
  const spare = await app().inject('/load/school/meet?spare=100')
  t.equal(spare.json().stress, 1.8)
})

t.test('says 503 where a bridge is unknown, so that an autoscaler holds', async t => {
  const answer = await app({ readJson: () => Promise.reject(new Error('hung')) }).inject(
    '/load/a/b',
  )
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { error: 'Unavailable', message: 'No answer from 10.0.0.1, 10.0.0.2.' })
})

t.test('refuses what is no name of a Jitsi', async t => {
  const cases = [
    { path: '/load/school/evil.example.org', status: 404 },
    { path: '/load/school/..%2f..%2fsecrets', status: 404 },
    { path: '/load/school/meet?spare=-1', status: 400 },
    { path: '/load/school/meet?spare=1e9', status: 400 },
    { path: '/load/school', status: 404 },
  ]
  for (const { path, status } of cases) {
    t.equal((await app().inject(path)).statusCode, status, path)
  }
})

t.test('asks the bridges once, however many ask for them at a time', async t => {
  let asked = 0
  let answerAll = () => {}
  const gate = new Promise<void>(resolve => {
    answerAll = resolve
  })
  const slow = app({
    addresses: async () => ['10.0.0.1'],
    readJson: async () => {
      asked++
      await gate
      return bridge
    },
  })
  await slow.ready()
  const first = slow.inject('/load/school/meet')
  // Nor does it matter how much room each of them wants.
  const others = Array.from({ length: 9 }, (_, spare) =>
    slow.inject(`/load/school/meet?spare=${spare}`),
  )
  await new Promise(resolve => setImmediate(resolve))
  answerAll()
  const answers = await Promise.all([first, ...others])
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
  t.ok(asked <= 2, `${asked} questions for ten callers`)
  await slow.inject('/load/school/meet')
  t.ok(asked >= 2, 'and anew afterwards')
})

t.test('reads over HTTP, and tells a refusal from a failure', async t => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/metrics' ? 200 : 500
    response.end(JSON.stringify(bridge))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  t.match(await loadEdges.readJson(`${url}/metrics`, loadEdges.deadline()), bridge)
  await t.rejects(loadEdges.readJson(`${url}/other`, loadEdges.deadline()), /answered 500/)
  await new Promise(resolve => server.close(resolve))
  await t.rejects(loadEdges.readJson(`${url}/metrics`, loadEdges.deadline()), {
    code: 'ECONNREFUSED',
  })
  t.ok((await loadEdges.addresses('localhost')).length > 0)
})
