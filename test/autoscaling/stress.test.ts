import fc from 'fast-check'
import t from 'tap'
import type { BridgeFacts } from '../../src/api/facts.ts'
import { behaviorOf } from '../../src/autoscaling/behavior.ts'
import { noMemory, recommend } from '../../src/autoscaling/hpa.ts'
import type { Memory } from '../../src/autoscaling/scaling-rules.ts'
import {
  type CountedBridge,
  decideByStress,
  type StressSpec,
} from '../../src/autoscaling/stress.ts'

const start = Date.parse('2026-11-23T07:55:00Z')
const at = (seconds: number) => new Date(start + seconds * 1000)
const spec: StressSpec = { minReplicas: 2, maxReplicas: 20, target: '0.5' }

const facts = (stress: number, overrides: Partial<BridgeFacts> = {}): BridgeFacts => ({
  reachable: true,
  since: '2026-11-23T06:00:00Z',
  at: '2026-11-23T07:00:00Z',
  startupTime: 1,
  healthy: true,
  draining: false,
  shuttingDown: false,
  mucsJoined: 1,
  stress,
  participants: 0,
  conferences: 0,
  emptySince: null,
  empty: false,
  endpointsTotal: 0,
  iceFailedTotal: 0,
  relayIceFailedTotal: 0,
  ...overrides,
})

const serving = (stress: number, overrides: Partial<BridgeFacts> = {}): CountedBridge => ({
  state: 'Serving',
  facts: facts(stress, overrides),
})
const starting: CountedBridge = { state: 'Starting', facts: undefined }
const silent = serving(0.1, { reachable: false })
const many = (count: number, bridge: CountedBridge) => new Array<CountedBridge>(count).fill(bridge)

const decide = (bridges: CountedBridge[], status?: unknown, own = spec) =>
  decideByStress({ bridges, draining: [], now: at(0), status }, own)

/** A memory under which shrinking has been wanted for long. */
const calm = (desired: number) => ({ desired, recommended: 0, earlier: [], changes: [] })

t.test('follows the stress of the bridges that count', async t => {
  const cases = [
    { name: 'on target', bridges: many(4, serving(0.5)), want: 4 },
    { name: 'above it', bridges: many(4, serving(0.8)), want: 7 },
    { name: 'below it, long enough', bridges: many(4, serving(0.2)), want: 3 },
    {
      name: 'a starting bridge is help under way',
      bridges: [...many(3, serving(0.65)), starting],
      want: 4,
    },
    { name: 'and not idle capacity', bridges: [...many(3, serving(0.5)), starting], want: 4 },
    {
      name: 'a pending one neither',
      bridges: [...many(3, serving(0.5)), { state: 'Pending', facts: undefined } as const],
      want: 4,
    },
    {
      name: 'one that does not answer counts as full',
      bridges: [...many(3, serving(0.2)), silent],
      want: 4,
    },
    { name: 'none answers', bridges: many(4, silent), want: 4 },
    { name: 'no bridge is there yet', bridges: [], want: 4 },
  ]
  for (const { name, bridges, want } of cases) t.equal(decide(bridges, calm(4)).desired, want, name)
})

t.test('begins where the fleet is', async t => {
  t.equal(decide([]).desired, 2, 'a new Jitsi: the minimum')
  t.equal(decide(many(7, serving(0))).desired, 7, 'no jump, however idle')
  t.equal(decide(many(7, serving(1))).desired, 14, 'but help at once')
  for (const status of [null, 'what', {}, { desired: 3 }, { ...calm(3), desired: 0 }]) {
    t.equal(decide(many(7, serving(0)), status).desired, 7, JSON.stringify(status))
  }
})

t.test('keeps the limits, those of the schedule too', async t => {
  const lessons = { ...spec, minReplicas: 12 }
  t.equal(decide(many(4, serving(0.5)), calm(4), lessons).desired, 12)
  t.equal(decide(many(30, serving(0.9)), calm(30)).desired, 20)
  const crossed = { ...spec, minReplicas: 25 }
  t.equal(decide(many(4, serving(0.5)), calm(4), crossed).desired, 25, 'the minimum wins')
})

t.test('keeps room ahead of the load', async t => {
  const bridges = many(4, serving(0.5, { participants: 50 }))
  t.equal(decide(bridges, calm(4), { ...spec, spare: '50%' }).desired, 6)
  // Two hundred people make a stress of two: one per cent each, so a hundred more take two bridges.
  t.equal(decide(bridges, calm(4), { ...spec, spare: '100' }).desired, 6)
  t.equal(decide(many(4, serving(0)), calm(4), { ...spec, spare: '200' }).desired, 4)
  t.equal(decide([], calm(4), { ...spec, spare: '200' }).desired, 4, 'nobody to ask')
})

t.test('makes room for what draining bridges carry, without counting them', async t => {
  const [bridges, draining] = [many(4, serving(0.2)), [facts(0.6), facts(0.6)]]
  const seen = { bridges, draining, now: at(0), status: calm(4) }
  t.equal(decideByStress(seen, spec).desired, 4, 'they would do with two, but more is coming back')
})

t.test('looks through a bridge that is at its limit', async t => {
  // One hundred people make a stress of one where nothing is short; 250 are on the full one.
  const full = serving(1.1, { participants: 250 })
  const bridges = [full, ...many(3, serving(0.5, { participants: 50 }))]
  t.equal(decide(bridges, calm(4)).desired, 7)
})

t.test('asks to look again only where time changes something', async t => {
  t.equal(decide(many(4, serving(0.5)), calm(4)).lookAgainSeconds, undefined)
  t.equal(decide(many(4, serving(0)), undefined).lookAgainSeconds, 60, 'waits to shrink')
  t.equal(decide(many(2, serving(1)), calm(2), { ...spec, target: '0.1' }).lookAgainSeconds, 15)
  t.equal(decide(many(20, serving(1)), calm(20)).lookAgainSeconds, undefined, 'at the maximum')
  t.equal(decide(many(2, serving(0)), calm(2)).lookAgainSeconds, undefined, 'at the minimum')
})

/** Looks at regular times at a fleet that follows at once, and keeps every distinct memory. */
function follow(loads: readonly number[], own = spec) {
  let status: unknown
  let count = own.minReplicas
  const desired: number[] = []
  const written = new Set<string>()
  for (const [index, load] of loads.entries()) {
    const stress = Math.min(1.1, Math.round((load / count) * 20) / 20)
    const bridges = many(count, serving(stress))
    const decision = decideByStress({ bridges, draining: [], now: at(index * 15), status }, own)
    status = JSON.parse(JSON.stringify(decision.remembered))
    written.add(JSON.stringify(status))
    count = decision.desired
    desired.push(count)
  }
  return { desired, written: written.size }
}

t.test('writes nothing while nothing happens', async t => {
  const idle = follow(new Array(4 * 60).fill(0))
  t.ok(idle.written <= 2, `an hour without anybody: ${idle.written} memories`)
  const busy = follow(new Array(4 * 60).fill(4))
  t.ok(busy.written <= 6, `an hour with the same people: ${busy.written} memories`)
  t.equal(busy.desired.at(-1), 8)
})

t.test('a school day: ready within a minute, gone in the evening, no flapping', async t => {
  const day = [
    ...new Array(240).fill(0),
    ...new Array(960).fill(6),
    ...new Array(40).fill(1),
    ...new Array(480).fill(6),
    ...new Array(960).fill(0),
  ]
  const { desired } = follow(day)
  t.equal(desired[245], 12, 'a minute after the bell')
  t.equal(Math.min(...desired.slice(245, 1700)), 12, 'nothing shrinks in the break')
  t.equal(desired.at(-1), 2)
  const changes = desired.filter((count, index) => index > 0 && count !== desired[index - 1])
  t.ok(changes.length < 20, `${changes.length} changes`)
})

t.test('remembers as much as it needs: the same as with every recommendation kept', async t => {
  const windows = { scaleUp: { stabilizationWindowSeconds: 60 } }
  const own: StressSpec = { ...spec, behavior: windows }
  const hpa = { minReplicas: 2, maxReplicas: 20, target: 50, behavior: behaviorOf(own) }
  const property = fc.property(
    fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 200 }),
    loads => {
      let [count, memory, proposed] = [2, noMemory, undefined as number | undefined]
      const want = loads.map((load, index) => {
        const figure = Math.round(Math.min(1.1, Math.round((load / count) * 20) / 20) * 100)
        const now = at(index * 15)
        const last = { at: now.getTime() - 1, replicas: proposed ?? 0 }
        const full: Memory =
          proposed === undefined
            ? memory
            : { ...memory, recommendations: [...memory.recommendations, last] }
        const look = { now, current: count, figures: new Array<number>(count).fill(figure) }
        const next = recommend(look, hpa, full)
        ;[count, memory, proposed] = [next.desired, next.memory, next.proposed]
        return count
      })
      return JSON.stringify(follow(loads, own).desired) === JSON.stringify(want)
    },
  )
  t.doesNotThrow(() => fc.assert(property))
})
