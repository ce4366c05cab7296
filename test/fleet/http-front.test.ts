import t from 'tap'
import { parseBridgeFacts, parseJicofoFacts } from '../../src/api/facts.ts'
import { observerEdges } from '../../src/observer/edges.ts'
import { observe } from '../../src/observer/observe.ts'
import { Fleet } from '../../src/simulation/fleet/fleet.ts'
import { observedPod } from '../observer/pods.ts'
import { play, serveBridge, serveJicofo } from './http-front.ts'

const address = '127.0.0.1'

/** A fleet with one bridge that answers at a real port. */
async function servedBridge(t: { teardown: (end: () => Promise<void>) => void }) {
  const fleet = new Fleet()
  fleet.addBridge({ name: 'a', version: '2.3.231' })
  fleet.advance(60)
  const front = await serveBridge(fleet, 'a', { address, port: 0 })
  t.teardown(front.close)
  return { fleet, ...front, url: `http://${address}:${front.port}` }
}

t.test('a bridge over HTTP', async t => {
  t.test('has the paths of the real one', async t => {
    const { url } = await servedBridge(t)
    const cases = [
      { path: '/about/health', want: 200 },
      { path: '/about/version', want: 200 },
      { path: '/colibri/drain', want: 200 },
      { path: '/colibri/stats', want: 404 },
      { path: '/colibri/drain/enable', want: 404 },
    ]
    for (const { path, want } of cases) t.equal((await fetch(url + path)).status, want, path)
    const shutdown = await fetch(`${url}/colibri/shutdown`, { method: 'POST' })
    t.equal(shutdown.status, 404, 'which the image does not enable')
  })

  t.test('speaks JSON to those who ask for it, and else the form for Prometheus', async t => {
    const { fleet, url } = await servedBridge(t)
    const read = (accept: string) => fetch(`${url}/metrics`, { headers: { accept } })
    t.same(await (await read('application/json')).json(), fleet.metricsOf('a'))
    t.match(await (await read('text/plain')).text(), /^jitsi_jvb_drain_mode 0$/m)
  })

  t.test('drains and is taken back', async t => {
    const { fleet, url } = await servedBridge(t)
    await fetch(`${url}/colibri/drain/enable`, { method: 'POST' })
    t.match(fleet.metricsOf('a'), { drain_mode: true })
    t.same(await (await fetch(`${url}/colibri/drain`)).json(), { drain: true })
    await fetch(`${url}/colibri/drain/disable`, { method: 'POST' })
    t.match(fleet.metricsOf('a'), { drain_mode: false })
  })

  t.test('breaks off after its end, and hangs while it is silent', async t => {
    const { fleet, url } = await servedBridge(t)
    fleet.silence('a', 60)
    await t.rejects(fetch(`${url}/about/version`, { signal: AbortSignal.timeout(50) }), {
      name: 'TimeoutError',
    })
    fleet.removeBridge('a')
    await t.rejects(fetch(`${url}/about/version`), /fetch failed/)
  })

  t.test('is observed as a real one', async t => {
    const { fleet, port } = await servedBridge(t)
    const object = observedPod({ address, port, annotations: { 'apps.jit.si/intent': 'drain' } })
    const answer = await observe({ object }, observerEdges({ now: () => fleet.timeline.date }))
    const facts = parseBridgeFacts(answer.annotations['apps.jit.si/facts'] ?? undefined)
    t.match(facts, { reachable: true, mucsJoined: 1, version: '2.3.231', draining: false })
    t.match(fleet.metricsOf('a'), { drain_mode: true })
  })
})

t.test('jicofo over HTTP is observed as a real one', async t => {
  const fleet = new Fleet()
  const front = await serveJicofo(fleet, 0, { address, port: 0 })
  t.teardown(front.close)
  const object = observedPod({ component: 'jicofo', address, port: front.port })
  const answer = await observe({ object }, observerEdges())
  const facts = parseJicofoFacts(answer.annotations['apps.jit.si/facts'] ?? undefined)
  t.match(facts, { reachable: true, conferences: 0, operationalBridges: 0 })
  t.equal((await fetch(`http://${address}:${front.port}/debug`)).status, 200)
  t.equal((await fetch(`http://${address}:${front.port}/about/health`)).status, 404)
})

t.test('servers are for this machine only', async t => {
  await t.rejects(serveBridge(new Fleet(), 'a', { address: '0.0.0.0', port: 0 }), /no loopback/)
  t.throws(() => serveJicofo(new Fleet(), 7, { address, port: 0 }), /no shard 7/)
})

t.test('the time of a fleet can follow the real one, faster', async t => {
  const fleet = new Fleet()
  const stop = play(fleet, 1000)
  await new Promise<void>(reached => fleet.timeline.in(20, () => reached()))
  stop()
  t.ok(fleet.now >= 20)
})
