import { EventEmitter } from 'node:events'
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

/** A service whose resolver answers when it is told to; keeps the names and the deadlines. */
async function withSlowNames() {
  const names: string[] = []
  const deadlines: AbortController[] = []
  const resolver = new EventEmitter().setMaxListeners(0)
  const slow = app({
    addresses: host => {
      names.push(host)
      return new Promise(resolve => resolver.once('answers', () => resolve(['10.0.0.1'])))
    },
    deadline: () => {
      const deadline = new AbortController()
      deadlines.push(deadline)
      return deadline.signal
    },
  })
  await slow.ready()
  // What inject gives back asks nothing before somebody waits for it.
  const ask = async (jitsi: string) => await slow.inject(`/load/school/${jitsi}`)
  /** So many callers, each for another Jitsi; all have been heard when it returns. */
  const callers = async (count: number) => {
    const answers = Array.from({ length: count }, (_, index) => ask(`m${index}`))
    // Answered at once, and behind the others.
    await ask('no.name')
    return answers
  }
  return {
    ask,
    names,
    callers,
    answerNames: () => resolver.emit('answers'),
    passDeadlines: () => {
      for (const deadline of deadlines) deadline.abort()
    },
  }
}

t.test('holds nobody up while names are slow', async t => {
  t.test('says 503 by the deadline', async t => {
    const { callers, passDeadlines } = await withSlowNames()
    const [answer] = await callers(1)
    passDeadlines()
    const message = 'm0-jvb.school.svc was not looked up in time; ask again.'
    t.match((await answer)?.json(), { error: 'Unavailable', message })
    t.equal((await answer)?.statusCode, 503)
  })

  t.test('looks up four names at a time, and every one in its turn', async t => {
    const { callers, names, answerNames } = await withSlowNames()
    const answers = await callers(10)
    t.strictSame(
      names,
      [0, 1, 2, 3].map(index => `m${index}-jvb.school.svc`),
    )
    answerNames()
    await Promise.all(answers.slice(0, 4))
    t.equal(names.length, 8)
    answerNames()
    await Promise.all(answers.slice(4, 8))
    answerNames()
    const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode)
    t.strictSame([...new Set(codes)], [200])
  })

  t.test('looks up no more of them while the resolver is busy with the first', async t => {
    const { ask, callers, names, answerNames, passDeadlines } = await withSlowNames()
    const answers = await callers(10)
    passDeadlines()
    const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode)
    t.strictSame([...new Set(codes)], [503], 'nobody waits any longer')
    const [later] = await callers(1)
    t.equal(names.length, 4, 'but nothing can call the resolver off')
    answerNames()
    const next = ask('next')
    while (names.length < 6) await new Promise(resolve => setImmediate(resolve))
    answerNames()
    t.equal((await later)?.statusCode, 200)
    t.equal((await next).statusCode, 200)
    t.strictSame(names.slice(4), ['m0-jvb.school.svc', 'next-jvb.school.svc'])
  })

  t.test('turns callers away at once where too many wait', async t => {
    const { ask, callers, passDeadlines } = await withSlowNames()
    const waiting = await callers(200)
    const another = await ask('another')
    t.equal(another.statusCode, 503)
    t.match(another.json(), { message: /200 others are being asked for; ask again/ })
    const shared = ask('m0')
    await ask('no.name')
    passDeadlines()
    await Promise.all([...waiting, shared])
    t.match((await shared).json(), { message: /^m0-jvb/ }, 'but who asks for one of them shares it')
  })
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
  t.ok((await loadEdges.addresses('localhost', loadEdges.deadline())).length > 0)
})
