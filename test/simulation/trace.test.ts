import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { days } from '../../scripts/days.ts'
import { parseTrace, presentPerMinute } from '../../src/simulation/trace.ts'

const head = 'minute,room,participants\n'

t.test('reads meetings, and who came and went', async t => {
  const { meetings, minutes } = parseTrace(
    'day',
    `${head}10,a,5\n12,a,8\n40,a,2\n42,a,0\n11,b,1\n12,b,0\n`,
  )
  t.equal(minutes, 42)
  t.strictSame(meetings, [
    {
      room: 'a',
      at: 10,
      minutes: 32,
      cohorts: [
        { at: 10, participants: 5, minutes: 30 },
        { at: 12, participants: 1, minutes: 28 },
        { at: 12, participants: 2, minutes: 30 },
      ],
    },
    { room: 'b', at: 11, minutes: 1, cohorts: [{ at: 11, participants: 1, minutes: 1 }] },
  ])
})

t.test('takes a room that is used again for another meeting', async t => {
  const { meetings } = parseTrace('day', '0,a,2\n5,a,0\n10,a,3\n20,a,0\n')
  t.strictSame(
    meetings.map(({ at, minutes }) => [at, minutes]),
    [
      [0, 5],
      [10, 10],
    ],
  )
})

t.test('knows when a release is rolled out', async t => {
  t.equal(parseTrace('day', '660,#rollout,0\n0,a,1\n5,a,0').rolloutAt, 660)
  t.equal(parseTrace('day', '').minutes, 0)
})

t.test('says which line is wrong', async t => {
  t.throws(() => parseTrace('day', `${head}one,a,5`), /line 2: "one,a,5" is not minute/)
  t.throws(() => parseTrace('day', '1,a,-5'), /line 1/)
  t.throws(() => parseTrace('day', '1,a'), /line 1/)
  t.throws(() => parseTrace('day', '1,,3'), /line 1/)
  t.throws(() => parseTrace('day', '1,a,3'), /room a: its last line must have 0/)
})

t.test('the days in examples/traces are those that are made here', async t => {
  const folder = new URL('../../examples/traces/', import.meta.url)
  t.strictSame(
    readdirSync(folder)
      .filter(name => name.endsWith('.csv'))
      .sort(),
    Object.keys(days)
      .map(day => `${day}.csv`)
      .sort(),
  )
  for (const [name, day] of Object.entries(days)) {
    t.equal(readFileSync(new URL(`${name}.csv`, folder), 'utf8'), day(), name)
    t.ok(Math.max(...presentPerMinute(parseTrace(name, day()))) > 60, `${name} has people`)
  }
})
