import t from 'tap'
import { conditionsOf, type Judgement, timeText } from '../../src/kube/conditions.ts'

const now = new Date('2026-11-23T10:00:00.999Z')
const before = '2026-11-20T08:00:00Z'
const ready: Judgement = { type: 'Ready', status: 'True', reason: 'AllIsWell', message: 'yes' }

t.test('times are whole seconds, as Kubernetes keeps them', async t => {
  t.equal(timeText(now), '2026-11-23T10:00:00Z')
})

t.test('the time of a condition', async t => {
  const cases = [
    { name: 'is now when it is new', previous: [], want: '2026-11-23T10:00:00Z' },
    {
      name: 'stays while the status does, whatever the words',
      previous: [{ ...ready, reason: 'Other', message: 'other', lastTransitionTime: before }],
      want: before,
    },
    {
      name: 'is now when the status changes',
      previous: [{ ...ready, status: 'False' as const, lastTransitionTime: before }],
      want: '2026-11-23T10:00:00Z',
    },
    {
      name: 'has nothing to do with other conditions',
      previous: [{ ...ready, type: 'Progressing', lastTransitionTime: before }],
      want: '2026-11-23T10:00:00Z',
    },
  ]
  for (const { name, previous, want } of cases) {
    t.test(name, async t => {
      t.strictSame(conditionsOf([ready], previous, now), [{ ...ready, lastTransitionTime: want }])
    })
  }
})

t.test('a judgement that is no longer made leaves no condition', async t => {
  const previous = [{ ...ready, type: 'Suspended', lastTransitionTime: before }]
  t.strictSame(conditionsOf([], previous, now), [])
})

t.test('a message is never longer than Kubernetes allows its own', async t => {
  const [condition] = conditionsOf([{ ...ready, message: 'a'.repeat(100_000) }], [], now)
  t.equal(condition?.message.length, 32_768)
})
