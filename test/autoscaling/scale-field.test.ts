import t from 'tap'
import { followScaleField } from '../../src/autoscaling/scale-field.ts'

const now = new Date('2026-03-02T08:00:00Z')
const seen = {
  now,
  current: 16,
  replicas: 16,
  asked: 16 as number | undefined,
  carrying: 9,
  /** Two minutes ago: long enough to be believed. */
  status: { fallingSince: '2026-03-02T07:58:00Z' } as unknown,
}
const limits = { minReplicas: 2, maxReplicas: 20 }
const atOnce = {
  scaleDown: {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
}
const never = { scaleDown: { selectPolicy: 'Disabled' } }

const cases = [
  { name: 'grows as asked', change: { replicas: 20, asked: 20 }, want: 20 },
  { name: 'does not follow a field that fell alone', change: { replicas: 1 }, want: 16 },
  {
    name: 'holds while the autoscaler has not decided',
    change: { replicas: 1, asked: undefined },
    want: 16,
  },
  { name: 'shrinks by our own pace', change: { replicas: 2, asked: 2 }, want: 12 },
  {
    name: 'waits after it shrank',
    change: {
      replicas: 2,
      asked: 2,
      status: {
        fallingSince: '2026-03-02T07:50:00Z',
        shrunk: [{ at: '2026-03-02T07:59:00Z', change: -6 }],
      },
    },
    want: 16,
  },
  {
    name: 'with an own pace shrinks to the load, not to a minimum asked for without a look',
    change: { replicas: 2, asked: 2 },
    spec: { behavior: atOnce },
    want: 9,
  },
  {
    name: 'with an own pace shrinks at once where the load allows it',
    change: { replicas: 2, asked: 2, carrying: 1 },
    spec: { behavior: atOnce },
    want: 2,
  },
  {
    name: 'never shrinks where the behaviour says so',
    change: { replicas: 2, asked: 2, carrying: 1 },
    spec: { behavior: never },
    want: 16,
  },
  { name: 'obeys a lowered maximum', change: {}, spec: { maxReplicas: 12 }, want: 12 },
  {
    name: 'is never below the minimum',
    change: { current: 0, replicas: 1, asked: undefined, carrying: 0 },
    want: 2,
  },
  {
    name: 'does not believe what it has just heard for the first time',
    change: { replicas: 2, asked: 2, carrying: 1, status: {} },
    spec: { behavior: atOnce },
    want: 16,
  },
  {
    name: 'does not believe a time that is none',
    change: { replicas: 2, asked: 2, status: { fallingSince: 'long ago' } },
    want: 16,
  },
  {
    name: 'does not believe a time to come',
    change: { replicas: 2, asked: 2, status: { fallingSince: '2027-01-01T00:00:00Z' } },
    want: 16,
  },
  {
    name: 'takes for no memory what somebody else wrote',
    change: { replicas: 2, asked: 2, status: { fallingSince: '2026', shrunk: 'yes' } },
    want: 16,
  },
]

t.test('the scale field', async t => {
  for (const { name, change, spec, want } of cases) {
    t.test(name, async t => {
      t.equal(followScaleField({ ...seen, ...change }, { ...limits, ...spec }).desired, want)
    })
  }
})

t.test('a fall is remembered from the first time that it is asked for', async t => {
  const fell = { ...seen, replicas: 2, asked: 2, status: undefined }
  const first = followScaleField(fell, limits)
  t.strictSame(first, {
    desired: 16,
    remembered: { fallingSince: '2026-03-02T08:00:00Z' },
    lookAgainSeconds: 60,
  })
  const status = first.remembered
  const now = new Date('2026-03-02T08:00:59Z')
  t.match(followScaleField({ ...fell, now, status }, limits), {
    desired: 16,
    lookAgainSeconds: 1,
  })
  const asBefore = { ...fell, replicas: 16, asked: 16, status }
  t.strictSame(followScaleField(asBefore, limits).remembered, {}, 'a break begins it anew')
})

t.test('a step is remembered for as long as policies count it', async t => {
  const fell = { ...seen, replicas: 2, asked: 2 }
  const { desired, remembered, lookAgainSeconds } = followScaleField(fell, limits)
  t.equal(desired, 12)
  t.match(remembered, { shrunk: [{ at: '2026-03-02T08:00:00Z', change: -4 }] })
  t.equal(lookAgainSeconds, 60)
  const atRest = { ...seen, current: 12, replicas: 12, asked: 12, status: remembered }
  const soon = followScaleField({ ...atRest, now: new Date('2026-03-02T08:01:00Z') }, limits)
  t.strictSame(soon.remembered, { shrunk: [{ at: '2026-03-02T08:00:00Z', change: -4 }] })
  const later = followScaleField({ ...atRest, now: new Date('2026-03-02T08:03:00Z') }, limits)
  t.strictSame(later.remembered, {})
})
