import t from 'tap'
import { bridges, meet, serving, threeInLessons } from './lessons.ts'
import { School } from './school.ts'

t.test('bridges come up, get an address of their node and serve', async t => {
  const school = new School({ spec: bridges(3) })
  t.ok(await school.until(serving(school, 3), 600))
  for (const { address } of school.status.bridges ?? [])
    t.match(address, /^203\.0\.113\.\d#1000\d$/)
  t.match(school.condition('Ready'), { status: 'True', reason: 'Available' })
  t.same(school.cluster.composite.errors, [])
})

t.test('an idle installation comes to rest: nothing is written any more', async t => {
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  await school.cluster.run(300)
  const { writes } = school.cluster.composite
  const before = { ...writes, observed: school.cluster.decorator.writes }
  await school.cluster.run(3600)
  t.same({ ...writes, observed: school.cluster.decorator.writes }, before)
})

t.test(
  'fewer bridges: the ones with the fewest people drain, and go when they are empty',
  async t => {
    const school = await threeInLessons({ minutes: 20 })
    school.apply(bridges(1))
    t.ok(await school.until(() => school.bridges('Draining').length === 2, 60))
    t.match(school.condition('Progressing'), { status: 'True' })
    t.ok(await school.until(() => school.cluster.bridgePods.length === 1, 3600))
    const { cut, moved } = school.fleet.tally()
    t.same({ cut, moved }, { cut: 0, moved: 0 })
  },
)

t.test(
  'when bridges are wanted again, a draining one serves again before a new one is made',
  async t => {
    const school = await threeInLessons({ minutes: 60 })
    const names = school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort()
    school.apply(bridges(2))
    await school.until(() => school.bridges('Draining').length === 1, 60)
    school.apply(bridges(3))
    t.ok(await school.until(serving(school, 3), 60))
    t.same(school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort(), names)
  },
)

t.test('a new image rolls the bridges without cutting anybody', async t => {
  const school = await threeInLessons({ minutes: 30 })
  const old = new Set(school.cluster.bridgePods.map(({ metadata }) => metadata.name))
  let fewest = 3
  school.apply({ ...bridges(3), image: { tag: 'stable-11248' } })
  const rolled = await school.until(() => {
    const gone = school.cluster.bridgePods.every(
      ({ metadata }) => !old.has(metadata.name) || metadata.deletionTimestamp,
    )
    // Then prosody and jicofo restart too, with nobody there.
    if (!gone) fewest = Math.min(fewest, school.status.fleet?.serving ?? 0)
    return gone
  }, 4 * 3600)
  t.ok(rolled)
  t.equal(fewest, 3, 'never fewer serving than wanted')
  t.equal(school.fleet.tally().cut, 0)
})

t.test('a drained node is left when its meetings end', async t => {
  const school = await threeInLessons({ minutes: 30 })
  const [bridge] = school.cluster.bridgePods
  const node = bridge?.spec.nodeName ?? ''
  school.cluster.nodes.drain(node)
  const gone = () => school.cluster.bridgePods.every(({ spec }) => spec.nodeName !== node)
  t.ok(await school.until(gone, 3600))
  t.ok(await school.until(serving(school, 3), 600))
  const { cut, moved } = school.fleet.tally()
  t.same({ cut, moved }, { cut: 0, moved: 0 })
})

t.test('when prosody restarts, the bridges are left alone', async t => {
  const school = new School({ spec: bridges(3) })
  await school.until(serving(school, 3), 600)
  meet(school, 3, { minutes: 60 })
  await school.cluster.run(60)
  const names = school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort()
  school.fleet.restartSignalling(0, 300)
  t.ok(await school.until(() => school.condition('SignallingReachable')?.status === 'False', 120))
  t.ok(school.decisions.some(({ reason }) => reason === 'AllBridgesUnjoined'))
  await school.cluster.run(600)
  t.same(school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort(), names)
  t.equal(school.condition('SignallingReachable')?.status, 'True')
})

t.test('past the deadline people are moved, one bridge at a time, and none is cut', async t => {
  const school = new School({ spec: bridges(4, { drain: { timeout: '10m' } }) })
  await school.until(serving(school, 4), 600)
  meet(school, 12, { minutes: 180, participants: 2 })
  await school.cluster.run(120)
  school.apply(bridges(1, { drain: { timeout: '10m' } }))
  t.ok(await school.until(() => school.cluster.bridgePods.length === 1, 3600))
  const { cut, departures } = school.fleet.tally()
  t.equal(cut, 0)
  const [first, second] = departures.map(({ at }) => at)
  t.ok((second ?? 0) - (first ?? 0) >= 20, 'the second waits until people have settled')
})

t.test('a bridge that crashes in its container is the same bridge', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  const names = school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort()
  school.fleet.crashBridge(school.fleet.bridges[0]?.name ?? '')
  await school.cluster.run(300)
  t.ok(await school.until(serving(school, 2), 300))
  t.same(school.cluster.bridgePods.map(({ metadata }) => metadata.name).sort(), names)
})

t.test('a Pod that ended is replaced', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  const [first] = school.cluster.bridgePods.map(({ metadata }) => metadata.name)
  school.cluster.failPod(first ?? '')
  await school.cluster.run(5)
  t.ok(await school.until(serving(school, 2), 600))
  t.notOk(school.cluster.bridgePods.some(({ metadata }) => metadata.name === first))
})

t.test('a silent bridge gets company after two minutes, and is left alone', async t => {
  const school = new School({ spec: bridges(2) })
  await school.until(serving(school, 2), 600)
  const name = school.fleet.bridges[0]?.name ?? ''
  school.fleet.silence(name, 400)
  t.ok(await school.until(() => school.cluster.bridgePods.length === 3, 300))
  t.ok(school.bridges('Suspect').length === 1)
  await school.cluster.run(600)
  t.equal(school.cluster.bridgePods.length, 2)
})
