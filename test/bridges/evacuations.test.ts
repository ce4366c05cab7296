import t from 'tap'
import { bridges, threeInLessons } from './lessons.ts'
import type { School } from './school.ts'

/** Meetings on three bridges of which two are to go, a minute before the deadline. */
async function beforeTheDeadline() {
  const drain = { drain: { timeout: '10m' } }
  const school = await threeInLessons({ minutes: 120, participants: 3 }, drain)
  school.apply(bridges(1, drain))
  const deadline = school.timeline.seconds + 600
  await school.cluster.run(540)
  return { school, deadline }
}

async function withHungJicofo(hungSeconds: number) {
  const { school, deadline } = await beforeTheDeadline()
  school.fleet.hangJicofo(0, hungSeconds)
  return { school, deadline }
}

const evacuated = ({ decisions }: School) => decisions.find(({ reason }) => reason === 'Evacuated')

t.test('people whose time is over wait for a jicofo that hangs, and are moved then', async t => {
  const { school } = await withHungJicofo(500)
  t.ok(await school.until(() => school.condition('EvacuationBlocked')?.status === 'True', 120))
  t.match(school.condition('EvacuationBlocked'), { reason: 'JicofoSilent' })
  await school.cluster.run(300)
  t.equal(evacuated(school), undefined)
  t.ok(await school.until(() => school.cluster.bridgePods.length === 1, 600))
  t.equal(school.fleet.tally().cut, 0)
  t.not(school.fleet.tally().moved, 0)
})

t.test('for ten minutes: who drains a node waits as well', async t => {
  const { school, deadline } = await withHungJicofo(3600)
  t.ok(await school.until(() => evacuated(school) !== undefined, 900))
  const { at = 0, message } = evacuated(school) ?? {}
  t.match(message, 'jicofo or prosody, which would move its people, does not answer')
  t.ok(at >= deadline + 600 && at < deadline + 660, `${at - deadline} s after the deadline`)
})

for (const component of ['jicofo', 'prosody']) {
  t.test(`people whose time is over wait for ${component} that is made anew elsewhere`, async t => {
    const { school } = await beforeTheDeadline()
    const { store } = school.cluster
    const deployment = store.get('Deployment', `meet-${component}`, 'school')
    const pod = store.get('Pod', `meet-${component}-pod`, 'school')
    if (!deployment || !pod) throw new Error(`there is no ${component}`)
    const available = (availableReplicas: number) =>
      store.patch(deployment, current => ({
        ...current,
        status: { ...(current.status as object), availableReplicas },
      }))
    store.remove(pod)
    available(0)
    await school.cluster.run(300)
    t.match(school.condition('EvacuationBlocked'), { status: 'True', reason: 'JicofoSilent' })
    t.equal(evacuated(school), undefined)
    const { resourceVersion: _, uid: __, ...metadata } = pod.metadata
    store.create({ ...pod, metadata })
    available(1)
    t.ok(await school.until(() => evacuated(school) !== undefined, 120))
  })
}
