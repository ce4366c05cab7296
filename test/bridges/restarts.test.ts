import t from 'tap'
import { bridges, meet, prosodyRestarts, serving, waitsForTheLastMeeting } from './lessons.ts'
import { type PartialSpec, School } from './school.ts'

/** Something that only prosody reads. */
const change = { prosody: { image: 'our/prosody:stable-11200' } }

/** Two bridges with meetings of so many minutes; it is six in the morning. */
async function inLessons(minutes: number, spec: PartialSpec = {}) {
  const school = new School({ spec: { ...bridges(2), ...spec } })
  await school.until(serving(school, 2), 600)
  if (minutes > 0) meet(school, 4, { minutes })
  await school.cluster.run(120)
  return school
}

t.test('with nobody there a change of prosody is done within a minute', async t => {
  const school = await inLessons(0)
  school.apply(change)
  t.ok(await school.until(() => prosodyRestarts(school).length > 0, 60))
  await school.cluster.run(300)
  t.notOk(school.condition('RestartPending'))
})

t.test('a change of prosody waits until the last meeting has ended', async t => {
  const school = await inLessons(40)
  school.apply(change)
  await school.cluster.run(60)
  await waitsForTheLastMeeting(t, school)
})

t.test('a change waits for meetings that began while the observer was away', async t => {
  const school = await inLessons(0)
  school.cluster.decorator.outageUntil = school.timeline.seconds + 3 * 3600
  meet(school, 4, { minutes: 40 })
  await school.cluster.run(300)
  school.apply(change)
  await school.cluster.run(60)
  await waitsForTheLastMeeting(t, school)
})

t.test('the window opens for a change that meetings keep waiting', async t => {
  const maintenance = { start: '08:00', duration: '1h' }
  const school = await inLessons(600, { maintenance })
  school.apply(change)
  t.ok(await school.until(() => prosodyRestarts(school).length > 0, 4 * 3600))
  const hours = (prosodyRestarts(school)[0]?.at ?? 0) / 3600
  t.ok(hours >= 2 && hours < 3, 'in the window, two hours after the start')
})

t.test('what has waited long enough waits no longer', async t => {
  const maintenance = { start: '03:00', duration: '1h', maxDeferral: '1h' }
  const school = await inLessons(600, { maintenance })
  school.apply(change)
  const begun = school.timeline.seconds
  t.ok(await school.until(() => prosodyRestarts(school).length > 0, 3 * 3600))
  t.ok((prosodyRestarts(school)[0]?.at ?? 0) - begun >= 3600)
})

t.test('who wants it at once gets it at once', async t => {
  const school = await inLessons(60, { disableGracefulUpgrade: true })
  school.apply(change)
  t.ok(await school.until(() => prosodyRestarts(school).length > 0, 30))
})

t.test(
  'a new release rolls the bridges first, and restarts prosody when nobody is there',
  async t => {
    const school = await inLessons(40)
    school.apply({ image: { tag: 'stable-11248' } })
    await school.cluster.run(60)
    t.match(school.condition('RestartPending'), { reason: 'BridgeRollout' })
    t.ok(await school.until(() => prosodyRestarts(school).length > 0, 4 * 3600))
    t.match(school.fleet.tally(), { cut: 0, moved: 0, meetingsReformed: 0 })
  },
)
