import fc from 'fast-check'
import t from 'tap'
import { defaultBehavior } from '../../src/autoscaling/behavior.ts'
import { type HpaSpec, type Look, noMemory, recommend } from '../../src/autoscaling/hpa.ts'
import type { Figure } from '../../src/autoscaling/proposal.ts'
import type { Memory } from '../../src/autoscaling/scaling-rules.ts'

const start = Date.parse('2026-11-23T07:55:00Z')
const at = (seconds: number) => new Date(start + seconds * 1000)

const spec: HpaSpec = { minReplicas: 2, maxReplicas: 20, target: 50, behavior: defaultBehavior }

const look = (current: number, figures: readonly Figure[], seconds = 0): Look => ({
  now: at(seconds),
  current,
  figures,
})

const all = (count: number, load: Figure): Figure[] => new Array<Figure>(count).fill(load)

/** Looks every 15 seconds at a fleet that follows at once; gives the counts. */
function follow(loadOf: (second: number, count: number) => number, seconds: number, from = 2) {
  let [count, memory] = [from, noMemory]
  const counts: number[] = []
  for (let second = 0; second <= seconds; second += 15) {
    const load = Math.round(loadOf(second, count))
    const next = recommend(look(count, all(count, load), second), spec, memory)
    ;[count, memory] = [next.desired, next.memory]
    counts.push(count)
  }
  return counts
}

t.test('says what it decides, and why', async t => {
  const cases = [
    {
      name: 'on target',
      look: look(4, all(4, 50)),
      want: {
        desired: 4,
        reason: 'WithinTolerance',
        message:
          'bridges are at 50 % on average (target 50 %, more from 56 % on): that is near enough',
      },
    },
    {
      name: 'growing',
      look: look(4, all(4, 80)),
      want: {
        desired: 7,
        reason: 'DesiredWithinRange',
        message: 'bridges are at 80 % on average (target 50 %, more from 56 % on), which takes 7',
      },
    },
    {
      name: 'growing as fast as it may',
      spec: { ...spec, target: 10 },
      look: look(4, all(4, 80)),
      want: {
        desired: 8,
        reason: 'ScaleUpLimit',
        message:
          'bridges are at 80 % on average (target 10 %, more from 12 % on), which takes 32: they may not become more any faster, so there are 8',
      },
    },
    {
      name: 'at the maximum',
      look: look(19, all(19, 90)),
      want: {
        desired: 20,
        reason: 'TooManyReplicas',
        message:
          'bridges are at 90 % on average (target 50 %, more from 56 % on); 35 are needed, maxReplicas is 20',
      },
    },
    {
      name: 'shrinking later',
      look: look(10, all(10, 5)),
      want: {
        desired: 10,
        reason: 'ScaleDownStabilized',
        message:
          'bridges are at 5 % on average (target 50 %, more from 56 % on), which takes 1: a little while ago more were needed, so there are 10',
      },
    },
    {
      name: 'knowing too little',
      look: look(4, [30, 'missing', 'missing', 'missing']),
      want: {
        desired: 4,
        reason: 'UnknownBridges',
        message:
          'bridges are at 30 % on average (target 50 %, more from 56 % on): too little is known of the others',
      },
    },
    {
      name: 'knowing nothing',
      look: look(4, all(4, 'missing')),
      want: { desired: 4, reason: 'NoFigures' },
    },
    {
      name: 'a maximum that was lowered',
      look: look(30, all(30, 90)),
      want: { desired: 20, reason: 'AboveMaximum' },
    },
    {
      name: 'a minimum that was raised',
      look: look(1, all(1, 0)),
      want: { desired: 2, reason: 'BelowMinimum' },
    },
  ]
  for (const { name, look, want, ...rest } of cases) {
    const got = recommend(look, rest.spec ?? spec, noMemory)
    t.match(got, want, name)
  }
})

t.test('shrinks step by step once the window has passed, down to the minimum', async t => {
  const counts = follow(() => 0, 3600, 6)
  const shrinks = counts.flatMap((count, index) =>
    count < (counts[index - 1] ?? 6) ? [index * 15] : [],
  )
  t.strictSame(shrinks, [1200, 1320, 1440], 'every two minutes after twenty')
  t.equal(counts.at(-1), 2)
  const floor = recommend(look(6, all(6, 0), 1000), spec, {
    recommendations: [{ at: at(90).getTime(), replicas: 0 }],
    scaleEvents: [],
  })
  t.match(floor, { desired: 4, reason: 'ScaleDownLimit' })
})

t.test(
  'names the minimum where only that holds the count, and nothing where nothing does',
  async t => {
    const quick = {
      ...defaultBehavior.scaleDown,
      policies: [{ type: 'Percent' as const, value: 100, periodSeconds: 15 }],
    }
    const past = { recommendations: [{ at: at(90).getTime(), replicas: 0 }], scaleEvents: [] }
    const shrink = (load: number) =>
      recommend(
        look(6, all(6, load), 1000),
        { ...spec, behavior: { ...defaultBehavior, scaleDown: quick } },
        past,
      )
    t.match(shrink(0), {
      desired: 2,
      reason: 'TooFewReplicas',
      message: /0 would do, the minimum is 2$/,
    })
    t.match(shrink(25), { desired: 3, reason: 'DesiredWithinRange', message: /which takes 3$/ })
    const both = { ...quick, policies: [{ type: 'Pods' as const, value: 4, periodSeconds: 15 }] }
    const rules = { ...spec, behavior: { ...defaultBehavior, scaleDown: both } }
    t.match(recommend(look(6, all(6, 0), 1000), rules, past), {
      desired: 2,
      reason: 'TooFewReplicas',
    })
  },
)

t.test('reads a tolerance as the API server writes it', async t => {
  const loose = (tolerance: string) => ({
    ...spec,
    behavior: { ...defaultBehavior, scaleUp: { ...defaultBehavior.scaleUp, tolerance } },
  })
  t.equal(recommend(look(4, all(4, 60)), loose('300m'), noMemory).desired, 4)
  t.equal(recommend(look(4, all(4, 60)), loose('0.05'), noMemory).desired, 5)
  t.equal(recommend(look(4, all(4, 60)), loose('nonsense'), noMemory).desired, 5, 'Kubernetes’ own')
})

t.test('a bell rings: two bridges become what is needed within a minute', async t => {
  const people = 6
  const counts = follow((_, count) => (people / count) * 100, 60)
  t.ok(counts.at(-1) === 12, `12 bridges at half their load: ${counts.join(' ')}`)
})

t.test('a fleet whose load wobbles does not flap', async t => {
  const wobble = (second: number, count: number) => ((4 + Math.sin(second / 120)) / count) * 100
  const counts = follow(wobble, 4 * 3600, 8)
  const changes = counts.filter((count, index) => index > 0 && count !== counts[index - 1])
  t.ok(changes.length <= 4, `${changes.length} changes in four hours`)
})

const memory = fc.record({
  recommendations: fc.array(
    fc.record({ at: fc.integer({ min: start - 2_000_000, max: start }), replicas: fc.nat(40) }),
    { maxLength: 6 },
  ),
  scaleEvents: fc.array(
    fc.record({
      at: fc.integer({ min: start - 400_000, max: start }),
      change: fc.integer({ min: -5, max: 5 }),
    }),
    { maxLength: 6 },
  ),
})
const figures = fc.array(
  fc.oneof(fc.nat(110), fc.constant<Figure>('missing'), fc.constant<Figure>('starting')),
  { maxLength: 30 },
)

function law(
  name: string,
  property: (current: number, figures: Figure[], memory: Memory) => boolean,
) {
  t.test(name, async t => {
    t.doesNotThrow(() =>
      fc.assert(fc.property(fc.integer({ min: 2, max: 20 }), figures, memory, property)),
    )
  })
}

law('the count stays within its limits', (current, figures, memory) => {
  const { desired } = recommend(look(current, figures), spec, memory)
  return desired >= spec.minReplicas && desired <= spec.maxReplicas
})

law('growth is no faster than the policies say', (current, figures, memory) => {
  const { desired } = recommend(look(current, figures), spec, { ...memory, scaleEvents: [] })
  return desired <= Math.max(current + 4, current * 2)
})

law('shrinking is no faster than the policies say', (current, figures, memory) => {
  const { desired } = recommend(look(current, figures), spec, { ...memory, scaleEvents: [] })
  return desired >= Math.min(current - 1, Math.trunc(current * 0.75))
})

law('a lost memory shrinks nothing', (current, figures) => {
  return recommend(look(current, figures), spec, noMemory).desired >= current
})

law(
  'the same look gives the same answer, and changes nothing it was given',
  (current, figures, memory) => {
    const before = JSON.stringify(memory)
    const twice = [1, 2].map(() => JSON.stringify(recommend(look(current, figures), spec, memory)))
    return twice[0] === twice[1] && JSON.stringify(memory) === before
  },
)
