import t from 'tap'
import type { Behavior, ScalingRules } from '../../src/autoscaling/behavior.ts'
import {
  fewestAllowed,
  mostAllowed,
  remembered,
  stabilized,
} from '../../src/autoscaling/scaling-rules.ts'

const second = 1000
const now = 1_000_000 * second
const ago = (seconds: number) => now - seconds * second

const rules = (overrides: Partial<ScalingRules> = {}): ScalingRules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  ...overrides,
})

const windows = (up: number, down: number): Behavior => ({
  scaleUp: rules({ stabilizationWindowSeconds: up }),
  scaleDown: rules({ stabilizationWindowSeconds: down }),
})

t.test('smooths what is recommended', async t => {
  const cases = [
    {
      name: 'grows at once without a window',
      desired: 8,
      past: [{ ago: 5, replicas: 4 }],
      want: 8,
    },
    {
      name: 'shrinks to the highest of the window',
      desired: 1,
      past: [{ ago: 299, replicas: 3 }],
      want: 3,
    },
    { name: 'forgets what is older', desired: 1, past: [{ ago: 300, replicas: 3 }], want: 1 },
    {
      name: 'never grows because of the past',
      desired: 2,
      past: [{ ago: 10, replicas: 9 }],
      want: 4,
    },
    {
      name: 'grows to the lowest of a window for growing',
      up: 60,
      desired: 8,
      past: [{ ago: 30, replicas: 5 }],
      want: 5,
    },
    {
      name: 'a dip holds growth for a window',
      up: 60,
      desired: 8,
      past: [{ ago: 30, replicas: 2 }],
      want: 4,
    },
  ]
  for (const { name, up = 0, desired, past, want } of cases) {
    const recommendations = past.map(one => ({ at: ago(one.ago), replicas: one.replicas }))
    const look = { current: 4, desired, now }
    t.equal(stabilized(look, recommendations, windows(up, 300)).replicas, want, name)
  }
})

t.test('says which of the two windows holds', async t => {
  const reason = (desired: number, past: number) =>
    stabilized({ current: 4, desired, now }, [{ at: ago(10), replicas: past }], windows(300, 300))
      .reason
  t.equal(reason(8, 4), 'ScaleUpStabilized')
  t.equal(reason(2, 4), 'ScaleDownStabilized')
  t.equal(reason(4, 4), undefined)
})

t.test('limits growth by the policies, from the count at the beginning of the period', async t => {
  const pods = { type: 'Pods', value: 4, periodSeconds: 60 } as const
  const percent = { type: 'Percent', value: 50, periodSeconds: 60 } as const
  const cases = [
    { name: 'four more', current: 10, policies: [pods], want: 14 },
    { name: 'half as many more', current: 10, policies: [percent], want: 15 },
    { name: 'a part of a bridge is a bridge', current: 1, policies: [percent], want: 2 },
    { name: 'the larger of both', current: 4, policies: [pods, percent], want: 8 },
    { name: 'the smaller of both', current: 4, select: 'Min', policies: [pods, percent], want: 6 },
    { name: 'none at all', current: 4, select: 'Disabled', policies: [pods], want: 4 },
    {
      name: 'what came a moment ago counts',
      current: 13,
      events: [{ ago: 30, change: 3 }],
      policies: [pods],
      want: 14,
    },
    {
      name: 'what came earlier does not',
      current: 13,
      events: [{ ago: 60, change: 3 }],
      policies: [pods],
      want: 17,
    },
    {
      name: 'what went may come back',
      current: 8,
      events: [{ ago: 30, change: -2 }],
      policies: [pods],
      want: 14,
    },
    {
      name: 'never fewer than there are',
      current: 20,
      events: [{ ago: 30, change: 9 }],
      policies: [pods],
      want: 20,
    },
  ] as const
  for (const { name, current, policies, want, ...rest } of cases) {
    const selectPolicy = 'select' in rest ? rest.select : 'Max'
    const events = 'events' in rest ? rest.events : []
    const past = events.map(({ ago: seconds, change }) => ({ at: ago(seconds), change }))
    const allowed = mostAllowed(
      { current, now },
      past,
      rules({ selectPolicy, policies: [...policies] }),
    )
    t.equal(allowed, want, name)
  }
})

t.test('shrinks as the documentation tells: eight of eighty, later four at a time', async t => {
  const both = rules({
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 60 },
      { type: 'Percent', value: 10, periodSeconds: 60 },
    ],
  })
  const counts = [80]
  for (let minute = 0; minute < 12; minute++) {
    counts.push(fewestAllowed({ current: counts.at(-1) ?? 0, now }, [], both))
  }
  t.strictSame(counts, [80, 72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16])
  t.equal(fewestAllowed({ current: 80, now }, [], { ...both, selectPolicy: 'Min' }), 76)
  t.equal(fewestAllowed({ current: 80, now }, [], { ...both, selectPolicy: 'Disabled' }), 80)
  const eightAgo = [{ at: ago(30), change: -8 }]
  t.equal(fewestAllowed({ current: 72, now }, eightAgo, both), 72, 'eight are gone this minute')
})

t.test('remembers no longer than a window or a period lasts', async t => {
  const memory = {
    recommendations: [300, 299, 0].map(seconds => ({ at: ago(seconds), replicas: 1 })),
    scaleEvents: [15, 14].map(seconds => ({ at: ago(seconds), change: 1 })),
  }
  const kept = remembered(memory, windows(0, 300), now)
  t.strictSame(kept.recommendations, memory.recommendations.slice(1))
  t.strictSame(kept.scaleEvents, memory.scaleEvents.slice(1))
})
