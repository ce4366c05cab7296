import t from 'tap'
import { bridges, meet, School, serving } from './school.ts'

t.test('nobody is moved where the others have no room, and the condition says so', async t => {
  const drain = { drain: { timeout: '10m' } }
  const school = new School({ spec: bridges(2, drain), cpusPerNode: 4 })
  await school.until(serving(school, 2), 600)
  meet(school, 6, { minutes: 90, participants: 12 })
  await school.cluster.run(120)
  school.apply(bridges(1, drain))
  t.ok(await school.until(() => school.condition('EvacuationBlocked')?.status === 'True', 1200))
  t.match(school.condition('EvacuationBlocked'), { reason: 'NoRoom', message: /add bridges/ })
  t.ok(
    school.decisions.some(({ reason }) => reason === 'NoRoom'),
    'and the metrics count it',
  )
  t.equal(school.fleet.tally().moved, 0)
  t.ok(await school.until(() => school.cluster.bridgePods.length === 1, 2 * 3600))
  t.notOk(school.condition('EvacuationBlocked'))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('connections that fail are told with the address that clients could not reach', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  for (const bridge of school.fleet.bridges) Object.assign(bridge, { iceFailures: 0.9 })
  meet(school, 4, { minutes: 20 })
  t.ok(await school.until(() => school.condition('MediaReachable')?.status === 'False', 300))
  t.match(school.condition('MediaReachable'), {
    reason: 'IceFailures',
    message: /meet-jvb-\d at 203\.0\.113\.\d#1000\d.*firewall/,
  })
})

/** A school with meetings on three bridges, of which the first has lost prosody, alone. */
async function withOneAlone() {
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  meet(school, 6, { minutes: 90 })
  await school.cluster.run(120)
  const [bridge] = school.fleet.bridges
  const [jicofo] = school.fleet.jicofos
  if (!bridge || !jicofo) throw new Error('there is no bridge')
  const { timeline } = school
  const leave = () => {
    bridge.joined.clear()
    bridge.changedAt = timeline.seconds
    jicofo.left(bridge)
  }
  const comeBack = () => {
    bridge.joined.add(0)
    bridge.changedAt = timeline.seconds
    jicofo.joined(bridge, timeline.seconds)
  }
  leave()
  await school.cluster.run(15)
  return { school, name: bridge.name, comeBack }
}

const isLost = ({ decisions }: School) => decisions.some(({ reason }) => reason === 'Lost')

t.test('a bridge that has been alone without prosody for ten minutes is removed', async t => {
  const { school } = await withOneAlone()
  await school.cluster.run(540)
  t.notOk(isLost(school))
  t.ok(await school.until(() => isLost(school), 120))
})

t.test('nobody is called lost while nobody looks: it is well again since', async t => {
  const { school, name, comeBack } = await withOneAlone()
  school.cluster.decorator.outageUntil = school.timeline.seconds + 1800
  comeBack()
  await school.cluster.run(1500)
  t.notOk(isLost(school))
  t.ok(school.cluster.bridgePods.some(({ metadata }) => metadata.name === name))
  await school.cluster.run(900)
  t.ok(school.cluster.bridge(name)?.participants.size, 'and its meetings have gone on')
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('a bridge that has not been well for long holds up no rollout', async t => {
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  meet(school, 6, { minutes: 60 })
  await school.cluster.run(120)
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
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  meet(school, 6, { minutes: 60 })
  await school.cluster.run(120)
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

t.test('a release that never reaches prosody leaves the old bridges, and two of it', async t => {
  const school = await withRollout(name => Number(name.slice(-1)) > 2)
  await school.cluster.run(5 * 3600)
  t.ok(serving(school, 3)())
  t.equal(school.cluster.bridgePods.length, 5)
  t.equal(school.status.fleet?.lastNumber, 4)
  school.change({ variables: { VIDEOBRIDGE_MAX_MEMORY: '1002m' } })
  t.ok(await school.until(() => school.cluster.bridgePods.length === 4, 600), 'until the next one')
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

/** Meetings on three bridges of which two are to go, a minute before the deadline. */
async function beforeTheDeadline() {
  const drain = { drain: { timeout: '10m' } }
  const school = new School({ spec: bridges(3, drain) })
  await school.until(serving(school, 3), 600)
  meet(school, 6, { minutes: 120, participants: 3 })
  await school.cluster.run(120)
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

t.test('a suspended Jitsi stays as it is, whatever is asked of it', async t => {
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  meet(school, 4, { minutes: 30 })
  await school.cluster.run(300)
  const { create, delete: deleted } = school.cluster.composite.writes
  school.apply({ ...bridges(1), suspend: true, image: { tag: 'stable-11248' } })
  await school.cluster.run(1800)
  t.match(school.condition('Suspended'), { status: 'True' })
  t.match(school.cluster.composite.writes, { create, delete: deleted })
  t.equal(school.bridges('Serving').length, 3)
  school.apply({ suspend: false })
  t.ok(await school.until(() => school.cluster.bridgePods.length === 1, 4 * 3600))
  t.equal(school.fleet.tally().cut, 0)
})

t.test('a Pod that hangs in its end keeps its port and does not count', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  const [pod] = school.cluster.bridgePods
  if (!pod) throw new Error('there is no bridge')
  school.cluster.kubelet.hanging.add(pod.metadata.name)
  school.cluster.remove(pod)
  t.ok(await school.until(() => school.cluster.bridgePods.length === 3, 60))
  t.ok(await school.until(serving(school, 2), 600))
  await school.cluster.run(4 * 3600)
  t.equal(school.cluster.bridgePods.length, 3, 'it hangs beyond its grace period')
  const ports = school.cluster.bridgePods
    .filter(({ spec }) => spec.nodeName === pod.spec.nodeName)
    .map(({ metadata }) => metadata.annotations?.['apps.jit.si/udp-port'])
  t.equal(new Set(ports).size, ports.length)
  t.equal(school.status.fleet?.serving, 2)
})

t.test('a Jitsi that is deleted takes all its objects along, and nothing is made anew', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  school.cluster.remove(school.jitsi)
  await school.cluster.run(3600)
  const left = school.cluster.store.list().filter(({ kind }) => kind !== 'Node')
  t.same(
    left.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [],
  )
})

t.test('from one bridge to twenty and back to three nobody is cut', async t => {
  const school = new School({ spec: bridges(1), nodes: 10, cpusPerNode: 8 })
  await school.until(serving(school, 1), 600)
  school.apply(bridges(20))
  t.ok(await school.until(serving(school, 20), 600))
  meet(school, 40, { minutes: 30 })
  await school.cluster.run(120)
  school.apply(bridges(3))
  let fewest = 20
  const shrunk = await school.until(() => {
    fewest = Math.min(fewest, school.status.fleet?.serving ?? 0)
    return school.cluster.bridgePods.length === 3
  }, 2 * 3600)
  t.ok(shrunk)
  t.equal(fewest, 3)
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})
