import type { ServerResponse } from 'node:http'
import t from 'tap'
import { parseBridgeFacts, parseJibriFacts, parseJicofoFacts } from '../../src/api/facts.ts'
import { timeText } from '../../src/kube/conditions.ts'
import { type Edges, observerEdges } from '../../src/observer/edges.ts'
import { observe } from '../../src/observer/observe.ts'
import { settledPause } from '../../src/observer/sight.ts'
import { after, idleMetrics, observedPod, routes, serve, start, writtenFacts } from './pods.ts'

const settled = settledPause(observedPod())
const about = { name: 'JVB', version: '2.3.231', os: 'Linux' }
const address = '127.0.0.1'
const factsKey = 'apps.jit.si/facts'
const nodeKey = 'apps.jit.si/node'

/** Real HTTP at a fixed time. */
function edgesAt(now: Date, more: Partial<Edges> = {}): Edges {
  return { ...observerEdges({ now: () => now }), ...more }
}

t.test('a bridge', async t => {
  t.test('gets facts and its version from a first look', async t => {
    const { port, calls } = await serve(
      t,
      routes({ 'GET /metrics': idleMetrics, 'GET /about/version': about }),
    )
    const answer = await observe({ object: observedPod({ address, port }) }, edgesAt(start))
    const want = writtenFacts({ version: '2.3.231' })
    t.same(parseBridgeFacts(answer.annotations[factsKey] ?? undefined), want)
    t.same(answer.attachments, [])
    t.equal(answer.resyncAfterSeconds, settled)
    t.same(calls, ['GET /metrics', 'GET /about/version'])
  })

  t.test('is asked for JSON, since its flags are numbers in the other form', async t => {
    let accepted: string | undefined
    const { port } = await serve(t, (request, response) => {
      accepted ??= request.headers.accept
      response.end(JSON.stringify(idleMetrics))
    })
    await observe({ object: observedPod({ address, port }) }, edgesAt(start))
    t.equal(accepted, 'application/json')
  })

  t.test('is not written again while nothing changes, nor asked for its version', async t => {
    const { port, calls } = await serve(t, routes({ 'GET /metrics': idleMetrics }))
    const facts = JSON.stringify(writtenFacts({ version: '2.3.231' }))
    const object = observedPod({ address, port, annotations: { [factsKey]: facts } })
    t.same(await observe({ object }, edgesAt(after(3600))), {
      annotations: {},
      attachments: [],
      resyncAfterSeconds: settled,
    })
    t.same(calls, ['GET /metrics'])
  })

  t.test('is written anew while it is empty and still there: old facts remove nobody', async t => {
    const { port } = await serve(
      t,
      routes({ 'GET /metrics': { ...idleMetrics, drain_mode: true } }),
    )
    const empty = {
      draining: true,
      emptySince: timeText(after(0)),
      empty: true,
      version: '2.3.231',
    }
    const annotations = { [factsKey]: JSON.stringify(writtenFacts(empty)) }
    const object = observedPod({ address, port, annotations })
    const soon = await observe({ object }, edgesAt(after(29)))
    t.same(soon.annotations, {})
    const later = await observe({ object }, edgesAt(after(30)))
    t.match(JSON.parse(later.annotations[factsKey] ?? ''), { empty: true, at: timeText(after(30)) })
  })

  const mayGo = [
    {
      name: 'in no room',
      facts: { mucsJoined: 0 },
      answer: routes({ 'GET /metrics': { ...idleMetrics, mucs_joined: 0 } }),
    },
    {
      name: 'not well',
      facts: { healthy: false, unwellSince: timeText(after(0)) },
      answer: routes({ 'GET /metrics': { ...idleMetrics, healthy: false } }),
    },
    {
      name: 'silent',
      facts: { reachable: false },
      answer: (_request: unknown, response: ServerResponse) => void response.destroy(),
    },
  ]
  for (const { name, facts, answer } of mayGo) {
    t.test(
      `is written anew while it is ${name}: old facts call nobody lost, or unwell`,
      async t => {
        const { port } = await serve(t, answer)
        const written = writtenFacts({ ...facts, version: '2.3.231' })
        const object = observedPod({
          address,
          port,
          annotations: { [factsKey]: JSON.stringify(written) },
        })
        const soon = await observe({ object }, edgesAt(after(29)))
        t.same(soon.annotations, {})
        const later = await observe({ object }, edgesAt(after(30)))
        const want = { ...written, at: timeText(after(30)) }
        t.same(JSON.parse(later.annotations[factsKey] ?? ''), want, 'and nothing else changes')
      },
    )
  }

  t.test('is written at once when its first guest comes', async t => {
    const { port } = await serve(
      t,
      routes({ 'GET /metrics': { ...idleMetrics, local_endpoints: 1 } }),
    )
    const facts = JSON.stringify(writtenFacts({ version: '2.3.231' }))
    const object = observedPod({ address, port, annotations: { [factsKey]: facts } })
    const answer = await observe({ object }, edgesAt(after(1)))
    t.match(JSON.parse(answer.annotations[factsKey] ?? ''), { participants: 1 })
  })

  t.test('that restarted is asked for its version again', async t => {
    const { port, calls } = await serve(
      t,
      routes({ 'GET /metrics': { ...idleMetrics, startup_time: 1_763_000_100_000 } }),
    )
    const facts = JSON.stringify(writtenFacts({ version: 'old' }))
    const object = observedPod({ address, port, annotations: { [factsKey]: facts } })
    const answer = await observe({ object }, edgesAt(after(1)))
    t.notHas(JSON.parse(answer.annotations[factsKey] ?? ''), { version: 'old' })
    t.same(calls, ['GET /metrics', 'GET /about/version'])
  })

  t.test('that is silent keeps its facts, marked unreachable', async t => {
    const { port } = await serve(t, (_request, response) => response.destroy())
    const facts = JSON.stringify(writtenFacts({ participants: 5 }))
    const object = observedPod({ address, port, annotations: { [factsKey]: facts } })
    const answer = await observe({ object }, edgesAt(after(60)))
    t.match(JSON.parse(answer.annotations[factsKey] ?? ''), {
      reachable: false,
      since: '2026-03-02T08:01:00Z',
      participants: 5,
    })
    t.equal(answer.resyncAfterSeconds, 5)
  })

  t.test('that never answered has no facts yet', async t => {
    const { port } = await serve(t, (_request, response) => response.destroy())
    const answer = await observe({ object: observedPod({ address, port }) }, edgesAt(start))
    t.same(answer, { annotations: {}, attachments: [], resyncAfterSeconds: 5 })
  })

  const odd = [
    { name: 'no JSON', body: '# HELP stress' },
    { name: 'a negative count', body: JSON.stringify({ ...idleMetrics, local_endpoints: -1 }) },
  ]
  for (const { name, body } of odd) {
    t.test(`that answers ${name} is unreachable`, async t => {
      const { port } = await serve(t, (_request, response) => response.end(body))
      const object = observedPod({
        address,
        port,
        annotations: { [factsKey]: JSON.stringify(writtenFacts()) },
      })
      const answer = await observe({ object }, edgesAt(after(60)))
      t.match(JSON.parse(answer.annotations[factsKey] ?? ''), { reachable: false })
    })
  }

  t.test('that hangs is given up at the deadline', async t => {
    const { port } = await serve(t, () => undefined)
    const facts = JSON.stringify(writtenFacts())
    const object = observedPod({ address, port, annotations: { [factsKey]: facts } })
    const edges = edgesAt(after(60), { deadline: () => AbortSignal.timeout(20) })
    const answer = await observe({ object }, edges)
    t.match(JSON.parse(answer.annotations[factsKey] ?? ''), { reachable: false })
  })

  t.test('that sends us elsewhere is not followed', async t => {
    const other = await serve(t, routes({ 'GET /': idleMetrics }))
    const { port } = await serve(t, (_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${other.port}/` })
      response.end()
    })
    const answer = await observe({ object: observedPod({ address, port }) }, edgesAt(start))
    t.same(answer.annotations, {})
    t.same(other.calls, [])
  })

  t.test('is reached at an IPv6 address', async t => {
    const { port } = await serve(t, routes({ 'GET /metrics': idleMetrics }), '::1')
    const object = observedPod({ address: '::1', port })
    t.hasOwnProp((await observe({ object }, edgesAt(start))).annotations, factsKey)
  })
})

t.test('an intent', async t => {
  const draining = { ...idleMetrics, drain_mode: true }
  const cases = [
    {
      name: 'to drain makes a serving bridge drain',
      intent: 'drain',
      metrics: idleMetrics,
      post: ['POST /colibri/drain/enable'],
      pause: 2,
    },
    {
      name: 'to drain leaves a draining bridge alone',
      intent: 'drain',
      metrics: draining,
      post: [],
      pause: 5,
    },
    {
      name: 'to serve takes a draining bridge back',
      intent: 'serve',
      metrics: draining,
      post: ['POST /colibri/drain/disable'],
      pause: 2,
    },
    {
      name: 'to serve leaves a serving bridge alone',
      intent: 'serve',
      metrics: idleMetrics,
      post: [],
      pause: settled,
    },
    {
      name: 'that is none leaves a draining bridge alone',
      intent: undefined,
      metrics: draining,
      post: [],
      pause: 5,
    },
    {
      name: 'that nobody knows leaves the bridge alone',
      intent: 'explode',
      metrics: idleMetrics,
      post: [],
      pause: settled,
    },
    {
      name: 'is carried out even if a count is odd',
      intent: 'drain',
      metrics: { ...idleMetrics, conferences: -1 },
      post: ['POST /colibri/drain/enable'],
      pause: 5,
    },
  ]
  for (const { name, intent, metrics, post, pause } of cases) {
    t.test(name, async t => {
      const { port, calls } = await serve(
        t,
        routes({
          'GET /metrics': metrics,
          'POST /colibri/drain/enable': {},
          'POST /colibri/drain/disable': {},
        }),
      )
      const annotations = intent === undefined ? {} : { 'apps.jit.si/intent': intent }
      const object = observedPod({ address, port, annotations })
      const answer = await observe({ object }, edgesAt(start))
      t.same(
        calls.filter(call => call.startsWith('POST')),
        post,
      )
      t.equal(answer.resyncAfterSeconds, pause)
    })
  }

  t.test('that fails is tried again at the next look', async t => {
    const { port, calls } = await serve(t, routes({ 'GET /metrics': idleMetrics }))
    const object = observedPod({ address, port, annotations: { 'apps.jit.si/intent': 'drain' } })
    const answer = await observe({ object }, edgesAt(start))
    t.ok(calls.includes('POST /colibri/drain/enable'))
    t.match(JSON.parse(answer.annotations[factsKey] ?? ''), { draining: false })
    t.equal(answer.resyncAfterSeconds, 5)
  })
})

t.test('nobody is called', async t => {
  const cases = [
    { name: 'on a Pod that no Jitsi owns', shape: { owned: false } },
    { name: 'while the Pod is pending', shape: { phase: 'Pending' } },
    { name: 'when the Pod has failed', shape: { phase: 'Failed' } },
    { name: 'when the Pod has ended', shape: { phase: 'Succeeded' } },
    { name: 'while the Pod ends: its preStop hook drains it alone', shape: { terminating: true } },
    { name: 'on a Pod of an unknown component', shape: { component: 'web' } },
  ]
  for (const { name, shape } of cases) {
    t.test(name, async t => {
      const { port, calls } = await serve(t, routes({ 'GET /metrics': idleMetrics }))
      const annotations = { 'apps.jit.si/intent': 'drain', [factsKey]: 'as it was' }
      const object = observedPod({ address, port, annotations, ...shape })
      const answer = await observe({ object }, edgesAt(start))
      t.same(answer.annotations, {})
      t.same(calls, [])
    })
  }
  t.test('on a Pod without an address', async t => {
    t.same((await observe({ object: observedPod() }, edgesAt(start))).annotations, {})
  })
  t.test('on a Pod that is not labelled as managed by us', async t => {
    const { port, calls } = await serve(t, routes({ 'GET /metrics': idleMetrics }))
    const object = observedPod({ address, port })
    object.metadata.labels = { 'apps.jit.si/observe': 'jvb' }
    t.same(await observe({ object }, edgesAt(start)), { annotations: {}, attachments: [] })
    t.same(calls, [])
  })
})

t.test('jicofo', async t => {
  const stats = (conferences: number, participants: number) => ({
    conferences,
    participants,
    bridge_selector: { bridge_count: 3, operational_bridge_count: 2 },
  })
  const written = {
    reachable: true,
    since: '2026-03-02T08:00:00Z',
    at: '2026-03-02T08:00:00Z',
    conferences: 0,
    participants: 0,
    operationalBridges: 2,
    emptySince: '2026-03-02T08:00:00Z',
  }
  const cases = [
    {
      name: 'has been empty since the first look without a conference',
      body: stats(0, 0),
      before: undefined,
      seconds: 0,
      want: written,
    },
    {
      name: 'is not written again while it stays empty',
      body: stats(0, 0),
      before: written,
      seconds: 600,
      want: undefined,
    },
    {
      name: 'is written at once when a conference begins',
      body: stats(1, 2),
      before: written,
      seconds: 1,
      want: {
        ...written,
        at: '2026-03-02T08:00:01Z',
        conferences: 1,
        participants: 2,
        emptySince: null,
      },
    },
    {
      name: 'that answers nothing we know is unreachable and not known to be empty',
      body: {},
      before: written,
      seconds: 1,
      want: {
        ...written,
        reachable: false,
        since: '2026-03-02T08:00:01Z',
        at: '2026-03-02T08:00:01Z',
        emptySince: null,
      },
    },
    {
      name: 'that never answered has no facts',
      body: {},
      before: undefined,
      seconds: 1,
      want: undefined,
    },
  ]
  for (const { name, body, before, seconds, want } of cases) {
    t.test(name, async t => {
      const { port } = await serve(t, routes({ 'GET /stats': body }))
      const annotations = before === undefined ? {} : { [factsKey]: JSON.stringify(before) }
      const object = observedPod({ component: 'jicofo', address, port, annotations })
      const answer = await observe({ object }, edgesAt(after(seconds)))
      t.same(parseJicofoFacts(answer.annotations[factsKey] ?? undefined), want)
    })
  }
})

t.test('jibri', async t => {
  const health = (busyStatus: string) => ({ status: { busyStatus, health: {} } })
  const written = {
    reachable: true,
    since: '2026-03-02T08:00:00Z',
    at: '2026-03-02T08:00:00Z',
    busyStatus: 'IDLE',
  }
  const cases = [
    {
      name: 'is written with its first answer',
      body: health('IDLE'),
      before: undefined,
      want: written,
    },
    {
      name: 'is not written again while it idles',
      body: health('IDLE'),
      before: written,
      want: undefined,
    },
    {
      name: 'is written at once when it records',
      body: health('BUSY'),
      before: written,
      want: { ...written, at: '2026-03-02T08:00:05Z', busyStatus: 'BUSY' },
    },
    {
      name: 'that says something unheard of is unreachable',
      body: health('ASLEEP'),
      before: written,
      want: {
        ...written,
        reachable: false,
        since: '2026-03-02T08:00:05Z',
        at: '2026-03-02T08:00:05Z',
      },
    },
  ]
  for (const { name, body, before, want } of cases) {
    t.test(name, async t => {
      const { port } = await serve(t, routes({ 'GET /jibri/api/v1.0/health': body }))
      const annotations = before === undefined ? {} : { [factsKey]: JSON.stringify(before) }
      const object = observedPod({ component: 'jibri', address, port, annotations })
      const answer = await observe({ object }, edgesAt(after(before ? 5 : 0)))
      t.same(parseJibriFacts(answer.annotations[factsKey] ?? undefined), want)
    })
  }
  t.test('without an address is looked at again soon', async t => {
    const object = observedPod({ component: 'jibri' })
    t.equal((await observe({ object }, edgesAt(start))).resyncAfterSeconds, 5)
    const jicofo = observedPod({ component: 'jicofo' })
    t.equal((await observe({ object: jicofo }, edgesAt(start))).resyncAfterSeconds, 5)
  })
})

t.test('the Node of a Pod', async t => {
  const node = { metadata: { name: 'worker-4' }, spec: { unschedulable: true } }
  const facts = {
    name: 'worker-4',
    gone: false,
    ready: false,
    leaving: 'cordoned',
    externalIPs: [],
    internalIPs: [],
  }
  t.test('is written once the Pod is bound, before it runs', async t => {
    const object = observedPod({ phase: 'Pending', node: 'worker-4' })
    const answer = await observe({ object }, edgesAt(start, { readNode: async () => node }))
    t.same(JSON.parse(answer.annotations[nodeKey] ?? ''), facts)
  })
  t.test('is written of a Pod that ends', async t => {
    const object = observedPod({ terminating: true, node: 'worker-4' })
    const answer = await observe({ object }, edgesAt(start, { readNode: async () => 'gone' }))
    t.match(JSON.parse(answer.annotations[nodeKey] ?? ''), { gone: true })
    t.equal(answer.resyncAfterSeconds, settled)
  })
  t.test('is not written again while it stays the same', async t => {
    const annotations = { [nodeKey]: JSON.stringify(facts) }
    const object = observedPod({ node: 'worker-4', annotations })
    const answer = await observe({ object }, edgesAt(start, { readNode: async () => node }))
    t.same(answer.annotations, {})
  })
  t.test('keeps its addresses while the cloud has not said them yet', async t => {
    const { kind, effect } = { kind: 'uninitialized', effect: 'NoSchedule' }
    const taint = { key: `node.cloudprovider.kubernetes.io/${kind}`, effect }
    const registered = { metadata: { name: 'worker-4' }, spec: { taints: [taint] } }
    const annotations = { [nodeKey]: JSON.stringify(facts) }
    const object = observedPod({ node: 'worker-4', annotations })
    const edges = edgesAt(start, { readNode: async () => registered })
    t.notOk((await observe({ object }, edges)).annotations[nodeKey])
  })
  t.test('stays as it is written when nobody can tell', async t => {
    const object = observedPod({ node: 'worker-4' })
    const unknown = edgesAt(start, { readNode: async () => undefined })
    t.same((await observe({ object }, unknown)).annotations, {})
    const failing = edgesAt(start, { readNode: async () => Promise.reject(new Error('refused')) })
    t.same((await observe({ object }, failing)).annotations, {})
  })
})
