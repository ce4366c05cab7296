import t, { type Test } from 'tap'
import { bridges, meet, serving, threeInLessons } from './lessons.ts'
import { School } from './school.ts'

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

/** The first bridge, and its jicofo. */
function firstOf({ fleet }: School) {
  const [bridge] = fleet.bridges
  const [jicofo] = fleet.jicofos
  if (!bridge || !jicofo) throw new Error('there is no bridge')
  return { bridge, jicofo }
}

/** The first bridge is without XMPP from now on, and jicofo knows. */
function loseProsody(school: School) {
  const { bridge, jicofo } = firstOf(school)
  bridge.joined.clear()
  bridge.changedAt = school.timeline.seconds
  jicofo.left(bridge)
}

/** A school with meetings on three bridges, of which the first has lost prosody, alone. */
async function withOneAlone() {
  const school = await threeInLessons({ minutes: 90 })
  const { timeline } = school
  const { bridge, jicofo } = firstOf(school)
  const comeBack = () => {
    bridge.joined.add(0)
    bridge.changedAt = timeline.seconds
    jicofo.joined(bridge, timeline.seconds)
  }
  loseProsody(school)
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

/** A school with a meeting on its only bridge, which has lost a prosody that is well. */
async function withTheOnlyOneAlone(t: Test) {
  const school = new School({ spec: bridges(1) })
  await school.until(serving(school, 1), 600)
  meet(school, 1, { minutes: 30 })
  await school.cluster.run(60)
  const { bridge } = firstOf(school)
  loseProsody(school)
  await school.cluster.run(500)
  t.equal(school.cluster.bridgePods.length, 1, 'it may be back soon')
  const isThere = () => school.fleet.bridges.some(({ name }) => name === bridge.name)
  return { school, isThere }
}

t.test('where the only bridge has lost prosody, one more finds out whose fault it is', async t => {
  const { school, isThere } = await withTheOnlyOneAlone(t)
  const anyJoined = () => school.fleet.bridges.some(({ joined }) => joined.size > 0)
  t.ok(await school.until(anyJoined, 300), 'one that reaches prosody is made')
  t.ok(isThere(), 'nobody is cut off for that')
  t.ok(await school.until(() => !isThere(), 900))
  t.ok(await school.until(serving(school, 1), 600))
  t.equal(school.condition('Progressing')?.reason, 'Complete')
})

t.test('and where that one does not reach it either, no other is made', async t => {
  const { school, isThere } = await withTheOnlyOneAlone(t)
  school.fleet.password = 'one that no bridge has'
  await school.cluster.run(3600)
  t.equal(school.cluster.bridgePods.length, 2)
  t.ok(isThere())
  t.equal(school.condition('Progressing')?.reason, 'Frozen')
})

t.test('where jicofo is away too, none is made for that', async t => {
  const { school } = await withTheOnlyOneAlone(t)
  school.fleet.hangJicofo(0, 3600)
  await school.cluster.run(3000)
  t.equal(school.cluster.bridgePods.length, 1)
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
