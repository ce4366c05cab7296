import t from 'tap'
import { serving, threeInLessons } from './lessons.ts'

t.test('a bridge that has not been well for long holds up no rollout', async t => {
  const school = await threeInLessons({ minutes: 60 })
  const [bridge] = school.fleet.bridges
  Object.assign(bridge ?? {}, { healthy: false, changedAt: school.timeline.seconds })
  t.ok(await school.until(serving(school, 2), 60))
  school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: '1001m' } })
  t.ok(await school.until(() => school.condition('Progressing')?.status === 'True', 60))
  const complete = () => school.condition('Progressing')?.reason === 'Complete'
  t.ok(await school.until(complete, 4 * 3600))
  t.ok(serving(school, 3)())
  t.equal(school.fleet.tally().cut, 0)
})

/** A rollout to bridges of which some can't log in, as on a node whose network is broken. */
async function withRollout(isShut: (name: string) => boolean) {
  const school = await threeInLessons({ minutes: 60 })
  school.onPlan.push(() => {
    for (const bridge of school.fleet.bridges.filter(({ name }) => isShut(name)))
      Object.assign(bridge, { password: 'none of prosody' })
  })
  school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: '1001m' } })
  await school.until(() => school.condition('Progressing')?.status === 'True', 60)
  return school
}

t.test('a new bridge that never reaches prosody holds up no rollout', async t => {
  const school = await withRollout(name => name === 'meet-jvb-3')
  const complete = () => school.condition('Progressing')?.reason === 'Complete'
  t.ok(await school.until(complete, 5 * 3600))
  t.ok(serving(school, 3)())
  t.equal(school.cluster.bridgePods.length, 3)
  t.equal(school.fleet.tally().cut, 0)
})

t.test('a new bridge that is not well holds up no rollout', async t => {
  const school = await threeInLessons({ minutes: 60 })
  school.onPlan.push(() => {
    const bridge = school.fleet.bridges.find(({ name }) => name === 'meet-jvb-3')
    if (bridge?.healthy)
      Object.assign(bridge, { healthy: false, changedAt: school.timeline.seconds })
  })
  school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: '1001m' } })
  await school.until(() => school.condition('Progressing')?.status === 'True', 60)
  const complete = () => school.condition('Progressing')?.reason === 'Complete'
  t.ok(await school.until(complete, 5 * 3600))
  t.ok(serving(school, 3)())
  t.ok(school.decisions.some(({ reason }) => reason === 'Unwell'))
  t.equal(school.cluster.bridgePods.length, 3)
  t.equal(school.fleet.tally().cut, 0)
})

t.test('a release that never reaches prosody leaves the old bridges, and two of it', async t => {
  const school = await withRollout(name => Number(name.slice(-1)) > 2)
  await school.cluster.run(5 * 3600)
  t.ok(serving(school, 3)())
  t.equal(school.cluster.bridgePods.length, 5)
  t.equal(school.status.fleet?.lastNumber, 4)
  t.match(school.condition('Progressing'), {
    reason: 'BridgesUnfit',
    message: /^meet-jvb-3 on node node-\d, as 1 more, takes no meetings.* never joined/,
  })
  school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: '1002m' } })
  t.ok(await school.until(() => school.cluster.bridgePods.length === 4, 600), 'until the next one')
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})
