import t from 'tap'
import type { Edges } from '../../src/observer/edges.ts'
import { observe } from '../../src/observer/observe.ts'
import { settledPause } from '../../src/observer/sight.ts'
import { after, idleMetrics, observedPod } from './pods.ts'

/*
 * How often the observer writes. Each write is a PUT by Metacontroller, whose client is limited
 * to --client-go-qps 50 in the chart, and a new plan of the whole Jitsi. The time is simulated.
 */

/** A number between 0 and 1 that depends on nothing but its arguments. */
function noise(bridge: number, second: number): number {
  const mixed = Math.sin(bridge * 127.1 + second * 311.7) * 43_758.5453
  return mixed - Math.floor(mixed)
}

type Metrics = Record<keyof typeof idleMetrics, number | boolean>
type Load = (bridge: number, second: number) => Partial<Metrics>

/** One bridge that says at each second what the load says of it. */
function edgesOf(bridge: number, second: number, load: Load): Edges {
  return {
    now: () => after(second),
    deadline: () => never,
    readJson: async url =>
      url.endsWith('/version')
        ? { version: '2.3.231' }
        : { ...idleMetrics, ...load(bridge, second) },
    post: async () => undefined,
    readNode: async () => undefined,
  }
}
const never = new AbortController().signal

/** Observes so many bridges as Metacontroller would, and counts the writes of each second. */
async function writesPerSecond(
  load: Load,
  { bridges, seconds }: { bridges: number; seconds: number },
): Promise<number[]> {
  const pods = Array.from({ length: bridges }, (_none, bridge) =>
    observedPod({ name: `meet-jvb-${bridge}`, address: '10.0.0.1' }),
  )
  const due = pods.map((_pod, bridge) => bridge % 10)
  const writes: number[] = []
  for (let second = 0; second < seconds; second++) {
    let written = 0
    for (const [bridge, pod] of pods.entries()) {
      const time = due[bridge] ?? 0
      if (time > second) continue
      const answer = await observe({ object: pod }, edgesOf(bridge, second, load))
      written += Math.min(1, Object.keys(answer.annotations).length)
      Object.assign(pod.metadata.annotations ?? {}, answer.annotations)
      due[bridge] = time + (answer.resyncAfterSeconds ?? 0)
    }
    writes.push(written)
  }
  return writes
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)

/** The most writes in any ten seconds, as a rate per second. */
function peakRate(writes: number[]): number {
  return Math.max(...writes.map((_count, at) => sum(writes.slice(at, at + 10)) / 10))
}

t.test('an idle fleet writes its first facts and nothing more', async t => {
  const load: Load = (bridge, second) => ({ stress: noise(bridge, second) * 0.03 })
  const writes = await writesPerSecond(load, { bridges: 20, seconds: 3600 })
  t.equal(sum(writes), 20, 'of 7,200 readings')
})

t.test(
  'bridges without prosody are written every 30 s, and not any more when it is back',
  async t => {
    const load: Load = (_bridge, second) => ({ mucs_joined: second < 600 ? 0 : 1 })
    const writes = await writesPerSecond(load, { bridges: 500, seconds: 1200 })
    const away = writes.slice(30, 600)
    t.ok(sum(away) / away.length <= 17, `${sum(away) / away.length} writes a second on average`)
    t.ok(sum(away) / 500 >= 15, 'and none is left out')
    t.ok(peakRate(away) <= 50, `${peakRate(away)} writes a second at the peak`)
    t.equal(sum(writes.slice(620)), 0)
  },
)

t.test('load that wobbles around the edges of its steps is written once', async t => {
  const load: Load = (bridge, second) => ({
    stress: 0.275 + (noise(bridge, second) - 0.5) * 0.03,
    local_endpoints: 47 + Math.round(noise(bridge, second)),
    conferences: 8,
  })
  const writes = await writesPerSecond(load, { bridges: 20, seconds: 3600 })
  // A bridge whose first reading was below an edge may cross it once.
  t.ok(sum(writes) <= 2 * 20, `${sum(writes)} writes`)
  t.equal(sum(writes.slice(600)), 0, 'and not at all after ten minutes')
})

const changing: Load = (bridge, second) => ({
  stress: noise(bridge, second),
  local_endpoints: Math.round(noise(bridge + 1, second) * 200) + 1,
  conferences: Math.round(noise(bridge + 2, second) * 20) + 1,
  endpoints_total: second * 3,
})

t.test('500 bridges whose load changes all the time stay below 50 writes a second', async t => {
  const writes = await writesPerSecond(changing, { bridges: 500, seconds: 150 })
  const settled = writes.slice(30)
  t.ok(peakRate(settled) < 50, `${peakRate(settled)} writes a second at the peak`)
  const mean = sum(settled) / settled.length
  t.ok(mean <= 17, `${mean} writes a second on average`)
})

t.test('150 of them use up the 5 requests a second of a Metacontroller without flags', async t => {
  const writes = await writesPerSecond(changing, { bridges: 150, seconds: 300 })
  const settled = writes.slice(30)
  const mean = sum(settled) / settled.length
  t.ok(mean > 4.5, `${mean} writes a second on average, and other requests beside them`)
})

t.test('500 bridges that fill and empty all the time stay below 50 writes a second', async t => {
  const load: Load = (bridge, second) =>
    noise(bridge, second) < 0.5 ? {} : { local_endpoints: 2, conferences: 1, stress: 0.1 }
  const writes = await writesPerSecond(load, { bridges: 500, seconds: 150 })
  const settled = writes.slice(30)
  t.ok(peakRate(settled) < 50, `${peakRate(settled)} writes a second at the peak`)
})

t.test(
  'bridges that all is well with are looked at about every ten seconds, not in step',
  async t => {
    const pauses = Array.from({ length: 100 }, (_none, bridge) =>
      settledPause(observedPod({ name: `meet-jvb-${bridge}` })),
    )
    t.ok(pauses.every(pause => pause >= 8 && pause <= 12))
    t.ok(new Set(pauses).size > 30)
  },
)
