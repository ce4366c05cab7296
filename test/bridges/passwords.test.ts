import t from 'tap'
import type { Secret } from '../../src/kube/types.ts'
import { bridges, meet, prosodyRestarts, serving, waitsForTheLastMeeting } from './lessons.ts'
import { School } from './school.ts'

/*
 * Prosody makes the accounts of components at its start. Who logs in with another password later,
 * however it came by it, is not let in.
 */

const secretOf = (school: School) => school.cluster.store.get('Secret', 'meet') as Secret

/** `kubectl patch secret meet`: somebody gives an account another password, by default the bridges'. */
function rotate(school: School, key = 'JVB_AUTH_PASSWORD'): void {
  const { data, ...secret } = secretOf(school)
  school.cluster.apply({ ...secret, data: { ...data, [key]: 'Y2hhbmdlZA==' } })
}

const copies = ({ cluster }: School) =>
  cluster.store.list('Secret').filter(({ metadata }) => metadata.name !== 'meet')

/** Four bridges, and meetings of so many minutes. */
async function inLessons(minutes: number) {
  const school = new School({ spec: bridges(4), nodes: 8 })
  await school.until(serving(school, 4), 600)
  if (minutes > 0) meet(school, 6, { minutes })
  await school.cluster.run(120)
  return school
}

t.test('a changed password waits for the last meeting, then all come back with it', async t => {
  const school = await inLessons(40)
  rotate(school)
  await school.cluster.run(300)
  await waitsForTheLastMeeting(t, school)
  const outdated = school.bridges('Serving')
  t.ok(
    await school.until(
      () => school.bridges('Serving').filter(name => !outdated.includes(name)).length === 4,
      300,
    ),
    'within minutes four bridges with the new password serve',
  )
  t.ok(await school.until(() => copies(school).length === 1, 1200), 'the old copy is gone')
  t.equal(school.status.fleet?.serving, 4)
})

t.test(
  'whose password is still the same is not shut out: bridges are replaced in turns',
  async t => {
    const school = await inLessons(200)
    const before = school.bridges('Serving')
    rotate(school, 'JIBRI_XMPP_PASSWORD')
    await school.cluster.run(60)
    school.apply({ disableGracefulUpgrade: true })
    t.ok(await school.until(() => prosodyRestarts(school).length > 0, 120))
    const back = () => before.filter(name => school.bridges('Serving').includes(name)).length
    t.ok(await school.until(() => back() === 3, 60), 'back with prosody, but for the first to go')
    await school.cluster.run(1800)
    t.notOk(school.decisions.some(({ reason }) => reason === 'Lost'))
    t.ok(school.decisions.some(({ reason }) => reason === 'Rollout'))
  },
)

t.test('until then a bridge that is added, or crashes, comes back with the old one', async t => {
  const school = await inLessons(200)
  rotate(school)
  await school.cluster.run(60)
  school.apply(bridges(5))
  t.ok(await school.until(serving(school, 5), 300), 'the one that is added serves')
  school.fleet.crashBridge('meet-jvb-0')
  await school.cluster.run(15)
  t.ok(await school.until(serving(school, 5), 300), 'the one that crashed serves again')
  t.equal(prosodyRestarts(school).length, 0)
})

t.test('a Secret that is deleted comes back with the same passwords', async t => {
  const school = await inLessons(40)
  const { data } = secretOf(school)
  school.cluster.remove(secretOf(school))
  await school.cluster.run(60)
  t.match(secretOf(school).data, data)
  t.notOk(school.condition('RestartPending'))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('a copy that is deleted comes back, and nothing else changes', async t => {
  const school = await inLessons(40)
  const [copy] = copies(school)
  if (copy) school.cluster.remove(copy)
  await school.cluster.run(60)
  t.match(copies(school), [{ metadata: { name: copy?.metadata.name } }])
  t.notOk(school.condition('RestartPending'))
})

t.test(
  'when all Secrets are deleted, meetings go on and new passwords wait for their end',
  async t => {
    const school = await inLessons(40)
    for (const secret of school.cluster.store.list('Secret')) school.cluster.remove(secret)
    await school.cluster.run(300)
    t.match(school.condition('RestartPending'), { reason: 'ConferencesRunning' })
    t.equal(school.status.fleet?.serving, 4)
    t.ok(await school.until(() => prosodyRestarts(school).length > 0, 3600))
    t.match(school.fleet.tally(), { cut: 0, moved: 0, meetingsReformed: 0 })
    t.ok(await school.until(() => copies(school).length === 1, 1200))
    t.ok(await school.until(serving(school, 4), 600))
  },
)
