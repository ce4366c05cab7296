import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { observerEdges } from '../../src/observer/edges.ts'
import { inClusterApi, nodeReader } from '../../src/observer/node-reader.ts'
import { routes, serve } from './pods.ts'

const soon = () => AbortSignal.timeout(2000)

t.test('reading JSON', async t => {
  const edges = observerEdges()
  t.test('gives what a server answers', async t => {
    const { port } = await serve(t, routes({ 'GET /metrics': { stress: 0.5 } }))
    t.same(await edges.readJson(`http://127.0.0.1:${port}/metrics`, soon()), { stress: 0.5 })
  })
  t.test('fails when the server does not say 200', async t => {
    const { port } = await serve(t, routes({}))
    await t.rejects(edges.readJson(`http://127.0.0.1:${port}/metrics`, soon()), /answered 404/)
  })
  t.test('fails when the answer never ends', async t => {
    const { port } = await serve(t, (_request, response) => {
      response.write('{')
    })
    const deadline = AbortSignal.timeout(50)
    await t.rejects(edges.readJson(`http://127.0.0.1:${port}/metrics`, deadline))
  })
  t.test('fails when the answer is endless', async t => {
    const { port } = await serve(t, (_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65536, ' ')));
      }
      response.on('drain', more)
      more()
    })
    await t.rejects(edges.readJson(`http://127.0.0.1:${port}/metrics`, soon()), /larger than/)
  })
  t.test('fails when a Pod says more than figures take', async t => {
    const { port } = await serve(t, routes({ 'GET /metrics': { more: 'x'.repeat(65536) } }))
    await t.rejects(edges.readJson(`http://127.0.0.1:${port}/metrics`, soon()), /than 65536 bytes/)
  })
  t.test('fails when nobody listens', async t => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = (server.address() as { port: number }).port
    server.close()
    await once(server, 'close')
    await t.rejects(edges.readJson(`http://127.0.0.1:${port}/metrics`, soon()), /ECONNREFUSED/)
  })
})

t.test('outside of a cluster nothing is known of Nodes', async t => {
  t.equal(await observerEdges().readNode('worker-4', soon()), undefined)
})

t.test('each look has a deadline of its own', async t => {
  const edges = observerEdges({ deadlineMs: 20 })
  const { port } = await serve(t, () => undefined)
  const url = `http://127.0.0.1:${port}/metrics`
  await t.rejects(edges.readJson(url, edges.deadline()), { name: 'AbortError' })
  t.equal(edges.deadline().aborted, false)
})

t.test('the API server', async t => {
  t.test('is the one that the environment names', async t => {
    t.equal(inClusterApi({}), undefined)
    t.equal(inClusterApi({ KUBERNETES_SERVICE_HOST: '' }), undefined)
    t.match(inClusterApi({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }), { url: 'https://10.0.0.1:443' })
    t.match(inClusterApi({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }), {
      url: 'https://[fd00::1]:6443',
    })
  })
  t.test('is asked with the token of the moment, and trusted by its own authority', async t => {
    const folder = t.testdir({ token: 'first\n', 'ca.crt': '' })
    const tokens: (string | undefined)[] = []
    const { port } = await serve(t, (request, response) => {
      tokens.push(request.headers.authorization)
      routes({ 'GET /api/v1/nodes/worker-4': { metadata: { name: 'worker-4' } } })(
        request,
        response,
      )
    })
    const api = {
      url: `http://127.0.0.1:${port}`,
      tokenFile: `${folder}/token`,
      caFile: `${folder}/ca.crt`,
    }
    t.match(await observerEdges({ apiServer: api }).readNode('worker-4', soon()), {
      metadata: { name: 'worker-4' },
    })
    t.same(tokens, ['Bearer first'])
  })
})

t.test('Nodes', async t => {
  const nodes = {
    'GET /api/v1/nodes/worker-4': { metadata: { name: 'worker-4' } },
    'GET /api/v1/nodes/worker-5': { metadata: { name: 'worker-4' } },
  }
  /** A reader whose time the test moves. */
  async function reader(t: Parameters<typeof serve>[0], listener = routes(nodes)) {
    const { port, calls } = await serve(t, listener)
    const clock = { seconds: 0 }
    const read = nodeReader(
      { url: `http://127.0.0.1:${port}` },
      () => new Date(clock.seconds * 1000),
    )
    return { clock, calls, read: (name: string) => read(name, soon()) }
  }

  t.test('are read once in 30 s, however many bridges ask', async t => {
    const { clock, calls, read } = await reader(t)
    await Promise.all([read('worker-4'), read('worker-4')])
    clock.seconds = 29
    await read('worker-4')
    t.equal(calls.length, 1)
    clock.seconds = 30
    t.match(await read('worker-4'), { metadata: { name: 'worker-4' } })
    t.equal(calls.length, 2)
  })
  t.test('may be large: they list their images', async t => {
    const images = 'x'.repeat(1_000_000)
    const large = { metadata: { name: 'worker-4' }, status: { images } }
    const { read } = await reader(t, routes({ 'GET /api/v1/nodes/worker-4': large }))
    t.match(await read('worker-4'), large)
  })
  t.test('are gone when the API server says so, and soon looked for again', async t => {
    const { clock, calls, read } = await reader(t)
    t.equal(await read('worker-9'), 'gone')
    clock.seconds = 4
    t.equal(await read('worker-9'), 'gone')
    t.equal(calls.length, 1)
    clock.seconds = 5
    t.equal(await read('worker-9'), 'gone')
    t.equal(calls.length, 2)
  })
  t.test('are unknown when the API server refuses, and asked for again after 5 s', async t => {
    const { clock, calls, read } = await reader(t, (_request, response) => {
      response.writeHead(403)
      response.end()
    })
    t.equal(await read('worker-4'), undefined)
    clock.seconds = 4
    t.equal(await read('worker-4'), undefined)
    t.equal(calls.length, 1)
    clock.seconds = 5
    t.equal(await read('worker-4'), undefined)
    t.equal(calls.length, 2)
  })
  t.test('are unknown when the answer is about another one', async t => {
    const { read } = await reader(t)
    t.equal(await read('worker-5'), undefined)
  })
})
