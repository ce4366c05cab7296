import t from 'tap'
import {
  becameBusy,
  bridgeFacts,
  bridgeReading,
  drainMode,
  unreachableBridge,
} from '../../src/observer/bridge-facts.ts'
import { after, idleMetrics, writtenFacts } from './pods.ts'

t.test('a reading', async t => {
  t.same(bridgeReading(idleMetrics), idleMetrics)
  t.strictSame(bridgeReading({ ...idleMetrics, threads: 40, more: [[[]]] }), idleMetrics)
  const odd = [
    {
      name: 'a negative count, which the bridge can get to',
      body: { ...idleMetrics, local_endpoints: -1 },
    },
    { name: 'a flag that is a number', body: { ...idleMetrics, drain_mode: 1 } },
    { name: 'a count that is a text', body: { ...idleMetrics, conferences: '0' } },
    { name: 'half a conference', body: { ...idleMetrics, conferences: 0.5 } },
    { name: 'a bridge that never started', body: { ...idleMetrics, startup_time: 0 } },
    { name: 'a missing count', body: { ...idleMetrics, local_endpoints: undefined } },
    { name: 'nothing', body: undefined },
    { name: 'null', body: null },
    { name: 'a list', body: [] },
  ]
  for (const { name, body } of odd) {
    t.test(`is none with ${name}`, async t => t.equal(bridgeReading(body), undefined))
  }
  t.test('still tells of the drain flag when a count is odd', async t => {
    t.equal(drainMode({ ...idleMetrics, local_endpoints: -1, drain_mode: true }), true)
    t.equal(drainMode({ drain_mode: 1 }), undefined)
    t.equal(drainMode(null), undefined)
  })
})

t.test('facts of a first reading', async t => {
  const reading = { ...idleMetrics, stress: 0.42, local_endpoints: 43, conferences: 7 }
  const facts = bridgeFacts(reading, undefined, { now: after(0), version: '2.3-231' })
  t.same(facts, writtenFacts({ stress: 0.4, participants: 40, conferences: 7, version: '2.3-231' }))
})

t.test('a bridge in graceful shutdown counts as shutting down: there is no way back', async t => {
  const reading = { ...idleMetrics, graceful_shutdown: true }
  t.equal(bridgeFacts(reading, undefined, { now: after(0), version: undefined }).shuttingDown, true)
})

t.test('a bridge that is not well says since when, until it is or starts anew', async t => {
  const unwell = { ...idleMetrics, healthy: false }
  const at = (seconds: number) => after(seconds).toISOString().replace('.000', '')
  const look = (reading: typeof unwell, written = writtenFacts()) =>
    bridgeFacts(reading, written, { now: after(60), version: undefined }).unwellSince
  const before = writtenFacts({ healthy: false, unwellSince: at(10) })
  t.equal(look(unwell), at(60))
  t.equal(look(unwell, before), at(10))
  t.equal(look(unwell, { ...before, startupTime: 1 }), at(60))
  t.equal(look(idleMetrics, before), undefined)
})

t.test('a failed relay, or a failed connection of a client', async t => {
  const at = (seconds: number) => after(seconds).toISOString().replace('.000', '')
  const earlier = writtenFacts({
    relayIceFailedTotal: 2,
    relayFailedAt: at(0),
    iceFailedTotal: 2,
    iceFailedAt: at(0),
  })
  const cases = [
    { name: 'never: there is no time', total: 0, written: writtenFacts(), want: undefined },
    { name: 'first: the time of the look', total: 1, written: writtenFacts(), want: at(60) },
    { name: 'seen by nobody before: the same', total: 3, written: undefined, want: at(60) },
    { name: 'again: the time of this look', total: 3, written: earlier, want: at(60) },
    { name: 'no more: the time of the last one', total: 2, written: earlier, want: at(0) },
  ]
  for (const { name, total, written, want } of cases) {
    t.test(name, async t => {
      const reading = {
        ...idleMetrics,
        relays_ice_failed_total: total,
        endpoints_ice_failed_total: total,
      }
      const facts = bridgeFacts(reading, written, { now: after(60), version: undefined })
      t.equal(facts.relayFailedAt, want)
      t.equal(facts.iceFailedAt, want)
    })
  }
})

t.test('empty', async t => {
  const idle = { ...idleMetrics, drain_mode: true }
  const emptySince = '2026-03-02T08:00:00Z'
  const seen = writtenFacts({ draining: true, emptySince })
  const startedAnew = { ...idle, startup_time: idle.startup_time + 1 }
  const cases = [
    {
      name: 'begins with the first idle reading of a draining bridge',
      reading: idle,
      written: writtenFacts(),
      seconds: 0,
      want: { emptySince, empty: false },
    },
    {
      name: 'is not yet so at a second reading after 14 s',
      reading: idle,
      written: seen,
      seconds: 14,
      want: { emptySince, empty: false },
    },
    {
      name: 'is so at a second reading after 15 s',
      reading: idle,
      written: seen,
      seconds: 15,
      want: { emptySince, empty: true },
    },
    {
      name: 'stays so',
      reading: idle,
      written: { ...seen, empty: true },
      seconds: 900,
      want: { emptySince, empty: true },
    },
    {
      name: 'ends when somebody comes',
      reading: { ...idle, local_endpoints: 1 },
      written: { ...seen, empty: true },
      seconds: 20,
      want: { emptySince: null, empty: false },
    },
    {
      name: 'ends with a conference without endpoints',
      reading: { ...idle, conferences: 1 },
      written: { ...seen, empty: true },
      seconds: 20,
      want: { emptySince: null, empty: false },
    },
    {
      name: 'ends with the drain',
      reading: idleMetrics,
      written: { ...seen, empty: true },
      seconds: 20,
      want: { emptySince: null, empty: false },
    },
    {
      name: 'begins anew after a restart of the bridge',
      reading: startedAnew,
      written: { ...seen, empty: true },
      seconds: 20,
      want: { emptySince: '2026-03-02T08:00:20Z', empty: false },
    },
    {
      name: 'begins anew after silence',
      reading: idle,
      written: { ...seen, reachable: false },
      seconds: 20,
      want: { emptySince: '2026-03-02T08:00:20Z', empty: false },
    },
  ]
  for (const { name, reading, written, seconds, want } of cases) {
    t.test(name, async t => {
      t.match(bridgeFacts(reading, written, { now: after(seconds), version: undefined }), want)
    })
  }
  t.test('counts its 15 s from the next whole second', async t => {
    const now = new Date('2026-03-02T08:00:00.100Z')
    const facts = bridgeFacts(idle, writtenFacts(), { now, version: undefined })
    t.equal(facts.emptySince, '2026-03-02T08:00:01Z')
  })
})

t.test('silence', async t => {
  t.test('says nothing of a bridge that never answered', async t => {
    t.equal(unreachableBridge(undefined, after(0)), undefined)
  })
  t.test('keeps what was known, but not that it was empty', async t => {
    const written = writtenFacts({ draining: true, participants: 0, emptySince: 'x', empty: true })
    t.same(unreachableBridge(written, after(60)), {
      ...written,
      reachable: false,
      since: '2026-03-02T08:01:00Z',
      at: '2026-03-02T08:01:00Z',
      emptySince: null,
      empty: false,
    })
  })
  t.test('goes on since it began', async t => {
    const written = writtenFacts({ reachable: false })
    t.same(unreachableBridge(written, after(60)), written)
  })
  t.test('ends with the time of the first answer', async t => {
    const written = writtenFacts({ reachable: false })
    const facts = bridgeFacts(idleMetrics, written, { now: after(60), version: undefined })
    t.match(facts, { reachable: true, since: '2026-03-02T08:01:00Z' })
  })
})

t.test('a bridge that was written down as unused is busy with its first guest', async t => {
  t.equal(becameBusy(writtenFacts({ participants: 1 }), writtenFacts()), true)
  t.equal(becameBusy(writtenFacts({ conferences: 1 }), writtenFacts()), true)
  t.equal(becameBusy(writtenFacts({ endpointsTotal: 1 }), writtenFacts()), true)
  t.equal(becameBusy(writtenFacts({ participants: 9 }), writtenFacts({ participants: 8 })), false)
  t.equal(becameBusy(writtenFacts({ participants: 9 }), undefined), false)
})
