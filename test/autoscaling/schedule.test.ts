import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import t from 'tap'
import { invalidEntries, type ScheduleEntry, scheduleAt } from '../../src/autoscaling/schedule.ts'

const school: ScheduleEntry = {
  name: 'lessons',
  cron: '30 7 * * 1-5',
  timezone: 'Europe/Paris',
  duration: '6h30m',
  minReplicas: 8,
}
const exams: ScheduleEntry = {
  name: 'exams',
  cron: '0 10 * * 3',
  timezone: 'Europe/Paris',
  duration: '2h',
  minReplicas: 12,
}
const state = (entries: ScheduleEntry[], now: string) => {
  const { inForce, next, nextBoundary } = scheduleAt(entries, new Date(now), 'UTC')
  return [inForce?.name, next?.name, nextBoundary?.toISOString().slice(0, 16)]
}

t.test('says what is in force, what comes next and when to look again', async t => {
  // 25 November 2026 is a Wednesday; Paris is one hour ahead of UTC.
  const cases = [
    {
      name: 'before lessons',
      now: '2026-11-25T06:29:59Z',
      want: [undefined, 'lessons', '2026-11-25T06:30'],
    },
    {
      name: 'when they begin',
      now: '2026-11-25T06:30:00Z',
      want: ['lessons', 'exams', '2026-11-25T09:00'],
    },
    {
      name: 'the largest of two',
      now: '2026-11-25T09:00:00Z',
      want: ['exams', 'lessons', '2026-11-25T11:00'],
    },
    {
      name: 'after the larger one',
      now: '2026-11-25T11:00:00Z',
      want: ['lessons', 'lessons', '2026-11-25T13:00'],
    },
    {
      name: 'when they end',
      now: '2026-11-25T13:00:00Z',
      want: [undefined, 'lessons', '2026-11-26T06:30'],
    },
    {
      name: 'over a week-end',
      now: '2026-11-28T12:00:00Z',
      want: [undefined, 'lessons', '2026-11-30T06:30'],
    },
  ]
  for (const { name, now, want } of cases) t.strictSame(state([school, exams], now), want, name)
  t.strictSame(state([], '2026-11-25T09:00:00Z'), [undefined, undefined, undefined], 'no schedule')
})

t.test('follows the clock on the wall through its changes', async t => {
  // Europe/Paris: 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00.
  const night = { ...school, name: 'night', cron: '30 2 * * *', duration: '1h' }
  const lessons = { ...school, cron: '30 7 * * *' }
  const cases = [
    { name: 'winter', entry: lessons, now: '2026-03-28T12:00:00Z', begins: '2026-03-28T06:30' },
    {
      name: 'the day of the change',
      entry: lessons,
      now: '2026-03-29T06:00:00Z',
      begins: '2026-03-29T05:30',
    },
    {
      name: 'back to winter',
      entry: lessons,
      now: '2026-10-25T07:00:00Z',
      begins: '2026-10-25T06:30',
    },
    {
      name: 'a time that is skipped: after the gap',
      entry: night,
      now: '2026-03-29T01:15:00Z',
      begins: '2026-03-29T01:00',
    },
    {
      name: 'a time that comes twice: the first',
      entry: night,
      now: '2026-10-25T01:00:00Z',
      begins: '2026-10-25T00:30',
    },
  ]
  for (const { name, entry, now, begins } of cases) {
    const { inForce } = scheduleAt([entry], new Date(now), 'UTC')
    t.equal(inForce?.begin.toISOString().slice(0, 16), begins, name)
  }
  const second = scheduleAt([night], new Date('2026-10-25T01:45:00Z'), 'UTC')
  t.equal(second.inForce, undefined, 'not the second')
  const daysLong = { ...lessons, cron: '0 22 * * 6', duration: '12h' }
  const through = scheduleAt([daysLong], new Date('2026-03-29T03:00:00Z'), 'UTC')
  t.equal(through.inForce?.end.toISOString(), '2026-03-29T09:00:00.000Z', 'twelve hours are twelve')
})

t.test('has zones of its own, and of the Jitsi', async t => {
  const local = { name: 'local', cron: '0 8 * * *', duration: '1h', minReplicas: 3 }
  const at = (zone: string) => scheduleAt([local], new Date('2026-11-25T00:00:00Z'), zone).next
  t.equal(at('America/Montreal')?.begin.toISOString(), '2026-11-25T13:00:00.000Z')
  t.equal(at('Asia/Kolkata')?.begin.toISOString(), '2026-11-25T02:30:00.000Z')
})

t.test('goes on where an entry begins again before it ends', async t => {
  const hourly = { ...school, cron: '0 8-10 * * *', duration: '90m', timezone: 'UTC' }
  t.strictSame(state([hourly], '2026-11-25T09:15:00Z'), ['lessons', 'lessons', '2026-11-25T11:30'])
  const { next } = scheduleAt([hourly], new Date('2026-11-25T09:15:00Z'), 'UTC')
  t.equal(next?.begin.toISOString(), '2026-11-26T08:00:00.000Z')
  const always = { ...hourly, cron: '0 * * * *' }
  t.match(
    state([always], '2026-11-25T09:15:00Z'),
    ['lessons', 'lessons', /^2026-11-29/],
    'for days',
  )
})

t.test('leaves out what is no cron expression', async t => {
  const wrong = { ...school, cron: 'at half past seven' }
  const seconds = { ...school, cron: '0 30 7 * * 1' }
  const never = { ...school, cron: '0 0 31 2 *' }
  const zone = { ...school, timezone: 'Europe/Nowhere' }
  t.strictSame(invalidEntries([school, wrong, seconds, never]), [1, 2])
  t.strictSame(state([wrong, seconds, never, zone], '2026-11-25T09:00:00Z'), [
    undefined,
    undefined,
    undefined,
  ])
})

t.test('takes the first of two that ask for the same', async t => {
  const twin = { ...school, name: 'twin' }
  t.equal(state([school, twin], '2026-11-25T09:00:00Z')[0], 'lessons')
  t.equal(state([twin, school], '2026-11-25T09:00:00Z')[0], 'twin')
})

t.test("the example of a school's week means what it says", async t => {
  const jitsi = load(readFileSync('examples/school-week.yaml', 'utf8')) as {
    spec: { timezone: string; jvb: { autoscaling: { schedule: ScheduleEntry[] } } }
  }
  const { timezone, jvb } = jitsi.spec
  // Times of Paris, one hour ahead of UTC; 23 November 2026 is a Monday.
  const cases = [
    { when: 'Monday, before school', at: '2026-11-23T07:39', want: undefined },
    { when: 'Monday, twenty minutes before the first lesson', at: '2026-11-23T07:40', want: 9 },
    { when: 'Monday, after the last one', at: '2026-11-23T13:25', want: undefined },
    { when: "Tuesday, parents' evening", at: '2026-11-24T19:00', want: 4 },
    { when: 'Wednesday, before the exams', at: '2026-11-25T08:29', want: 9 },
    { when: 'Wednesday, exams', at: '2026-11-25T08:30', want: 12 },
    { when: 'Wednesday, after the exams', at: '2026-11-25T11:30', want: 9 },
    { when: 'Saturday', at: '2026-11-28T10:00', want: undefined },
  ]
  for (const { when, at, want } of cases) {
    const { inForce } = scheduleAt(jvb.autoscaling.schedule, new Date(`${at}+01:00`), timezone)
    t.equal(inForce?.minReplicas, want, when)
  }
})
