import t from 'tap'
import type { Recommendation } from '../../src/autoscaling/hpa.ts'
import { memoryOf, rememberedAfter, rememberedOf } from '../../src/autoscaling/stress-memory.ts'

const now = new Date('2026-11-23T08:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const text = (seconds: number) => `${ago(seconds).toISOString().slice(0, 19)}Z`

const round = (proposed: number | undefined, past: [number, number][]): Recommendation => ({
  desired: 4,
  proposed,
  mean: 50,
  reason: 'WithinTolerance',
  message: '',
  memory: {
    recommendations: past.map(([seconds, replicas]) => ({ at: ago(seconds).getTime(), replicas })),
    scaleEvents: [{ at: ago(30).getTime(), change: 2 }],
  },
})

t.test('reads only what it wrote', async t => {
  const written = { desired: 2, recommended: 0, earlier: [], changes: [] }
  t.strictSame(rememberedOf(written), written)
  for (const other of [undefined, null, 7, [], {}, { ...written, desired: 0 }]) {
    t.equal(rememberedOf(other), undefined, JSON.stringify(other))
  }
})

t.test('stands for a look at the end of each stretch, and just now', async t => {
  const remembered = {
    desired: 4,
    recommended: 3,
    earlier: [{ until: text(60), replicas: 6 }],
    changes: [{ at: text(30), change: 2 }],
  }
  t.strictSame(memoryOf(remembered, now), {
    recommendations: [
      { at: ago(60).getTime(), replicas: 6 },
      { at: now.getTime() - 1, replicas: 3 },
    ],
    scaleEvents: [{ at: ago(30).getTime(), change: 2 }],
  })
  t.strictSame(memoryOf(undefined, now), { recommendations: [], scaleEvents: [] })
})

t.test('keeps what can still be the highest or the lowest', async t => {
  const before = { desired: 4, recommended: 5, earlier: [], changes: [] }
  const after = rememberedAfter(
    round(4, [
      [90, 9],
      [60, 6],
      [40, 7],
      [20, 2],
    ]),
    before,
    now,
  )
  t.strictSame(after, {
    desired: 4,
    recommended: 4,
    earlier: [
      { until: text(90), replicas: 9 },
      { until: text(40), replicas: 7 },
      { until: text(20), replicas: 2 },
      { until: text(0), replicas: 5 },
    ],
    changes: [{ at: text(30), change: 2 }],
  })
})

t.test('stays the same while the recommendation does', async t => {
  const before = { desired: 4, recommended: 4, earlier: [], changes: [{ at: text(30), change: 2 }] }
  t.strictSame(
    rememberedAfter(
      round(4, [
        [0.001, 4],
        [0, 4],
      ]),
      before,
      now,
    ),
    before,
  )
})

t.test('keeps the last recommendation where none could be made', async t => {
  const before = { desired: 4, recommended: 3, earlier: [], changes: [] }
  t.equal(rememberedAfter(round(undefined, [[0.001, 3]]), before, now).recommended, 3)
  t.equal(rememberedAfter(round(undefined, [[0, 4]]), undefined, now).recommended, 4)
})
