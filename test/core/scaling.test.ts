import t from 'tap'
import { meet } from '../bridges/lessons.ts'
import { School } from '../bridges/school.ts'

const autoscaled = (metric: object, more: object = {}) => ({
  jvb: {
    strategy: { type: 'autoscaled', minReplicas: 2, maxReplicas: 5 },
    autoscaling: { metric, ...more },
  },
})
const stress = { source: 'stress' }
const serving = (school: School, count: number) => () => school.status.fleet?.serving === count

t.test('an autoscaled fleet begins with its minimum, whatever the scale field says', async t => {
  const school = new School({ spec: autoscaled({ source: 'cpu' }) })
  t.ok(await school.until(serving(school, 2), 300))
  t.ok(school.cluster.store.get('HorizontalPodAutoscaler', 'meet-jvb'))
  t.match(school.condition('Autoscaling'), { status: 'Unknown', reason: 'NotYet' })
})

t.test('by stress the fleet grows and shrinks with nothing else installed', async t => {
  const school = new School({ spec: autoscaled(stress) })
  await school.until(serving(school, 2), 300)
  t.notOk(school.cluster.store.get('HorizontalPodAutoscaler', 'meet-jvb'))
  for (let room = 0; room < 14; room++) {
    school.fleet.people.arrive({ room: `class-${room}`, participants: 8, minutes: 45 })
  }
  t.ok(await school.until(() => (school.status.fleet?.serving ?? 0) >= 4, 600), 'it grows')
  t.ok(await school.until(serving(school, 2), 4 * 3600), 'it shrinks')
  t.equal(school.fleet.tally().cut, 0)
})

t.test('a fleet at rest writes nothing, though time passes', async t => {
  const school = new School({ spec: autoscaled(stress) })
  await school.until(serving(school, 2), 300)
  await school.cluster.run(1800)
  const before = JSON.stringify(school.cluster.composite.writes)
  await school.cluster.run(3600)
  t.equal(JSON.stringify(school.cluster.composite.writes), before)
})

t.test('a manifest applied again without the scale field does not shrink the fleet', async t => {
  const school = new School({ spec: autoscaled({ source: 'cpu' }) })
  await school.until(serving(school, 2), 300)
  school.cluster.scale('meet', 5)
  t.ok(await school.until(serving(school, 5), 300))
  school.apply({})
  await school.cluster.run(60)
  t.equal(school.status.fleet?.desired, 5)
})

t.test(
  'nor with a pace of its own, though the autoscaler asks for its minimum at first',
  async t => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } }
    const school = new School({ spec: autoscaled({ source: 'cpu' }, { behavior }) })
    await school.until(serving(school, 2), 300)
    const asks = (desiredReplicas: number) => {
      const autoscaler = school.cluster.store.get('HorizontalPodAutoscaler', 'meet-jvb')
      if (!autoscaler) throw new Error('there is no HorizontalPodAutoscaler')
      school.cluster.store.patch(autoscaler, now => ({ ...now, status: { desiredReplicas } }))
      school.cluster.scale('meet', desiredReplicas)
    }
    asks(5)
    t.ok(await school.until(serving(school, 5), 300))
    school.apply({})
    asks(2)
    await school.cluster.run(15)
    asks(5)
    await school.cluster.run(120)
    t.notOk(school.decisions.some(({ reason }) => reason === 'ScaleIn'))
    asks(2)
    t.ok(
      await school.until(serving(school, 2), 1800),
      'it shrinks when that is what it goes on to ask',
    )
  },
)

const behaviors = {
  'our own behaviour': {},
  'a behaviour that shrinks at once': {
    scaleDown: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  },
  'a behaviour that never shrinks': { scaleDown: { selectPolicy: 'Disabled' } },
}
for (const [name, behavior] of Object.entries(behaviors)) {
  t.test(`with ${name} an autoscaler that begins anew at its minimum cuts no load`, async t => {
    const school = new School({ spec: autoscaled({ source: 'cpu' }, { behavior }) })
    await school.until(serving(school, 2), 300)
    school.cluster.scale('meet', 5)
    await school.until(serving(school, 5), 300)
    meet(school, 16, { minutes: 60, participants: 16 })
    await school.cluster.run(120)
    // A reset field is below the minimum, so the HPA asks for the minimum, whatever the load is.
    school.apply({})
    const hpa = school.cluster.store.get('HorizontalPodAutoscaler', 'meet-jvb')
    if (!hpa) throw new Error('no autoscaler')
    school.cluster.store.patch(hpa, object => ({ ...object, status: { desiredReplicas: 2 } }))
    school.cluster.scale('meet', 2)
    await school.cluster.run(900)
    const desired = school.status.fleet?.desired ?? 0
    t.ok(desired >= 4, `${desired} bridges for 256 people`)
  })
}

t.test('before lessons begin the schedule has raised the minimum', async t => {
  // The model's day begins on a Monday at 06:00.
  const entry = { name: 'lessons', cron: '30 6 * * 1-5', duration: '1h', minReplicas: 4 }
  const school = new School({ spec: autoscaled(stress, { schedule: [entry] }) })
  await school.until(serving(school, 2), 300)
  t.match(school.status.autoscaling, { scheduleNext: { name: 'lessons' } })
  t.ok(await school.until(serving(school, 4), 2400))
  t.match(school.status.autoscaling, { scheduleInForce: { name: 'lessons', minReplicas: 4 } })
  t.ok(await school.until(serving(school, 2), 4 * 3600), 'afterwards it shrinks again')
})

const cpu = { source: 'cpu' }
const custom = { source: 'custom', metrics: [{ type: 'Resource', resource: { name: 'cpu' } }] }
const fixed = { jvb: { strategy: { replicas: 5 } } }
const everyNode = { jvb: { strategy: { type: 'daemonset' } } }
const between = (minReplicas: number, maxReplicas: number, metric: object = cpu) => ({
  jvb: { strategy: { type: 'autoscaled', minReplicas, maxReplicas }, autoscaling: { metric } },
})

/** What a live fleet of five is changed from, and to. */
const switches = [
  { name: 'static to cpu', from: fixed, to: between(2, 8) },
  { name: 'static to stress', from: fixed, to: between(2, 8, stress) },
  { name: 'daemonset to cpu', from: everyNode, to: between(2, 8) },
  { name: 'daemonset to stress', from: everyNode, to: between(2, 8, stress) },
  { name: 'daemonset to as many as there are', from: everyNode, to: fixed },
  { name: 'as many as there are to daemonset', from: fixed, to: everyNode },
  { name: 'cpu to stress', from: between(5, 8), to: between(2, 8, stress) },
  { name: 'stress to cpu', from: between(5, 8, stress), to: between(2, 8) },
  { name: 'stress to custom', from: between(5, 8, stress), to: between(2, 8, custom) },
  {
    name: 'cpu to kube-metrics-adapter',
    from: between(5, 8),
    to: between(2, 8, { source: 'kube-metrics-adapter' }),
  },
  { name: 'autoscaled to as many as there are', from: between(5, 8), to: fixed },
  { name: 'autoscaled to daemonset', from: between(5, 8), to: everyNode },
  { name: 'other limits around it', from: between(5, 8), to: between(1, 20) },
  {
    name: 'other limits around it, stress',
    from: between(5, 8, stress),
    to: between(1, 20, stress),
  },
]
for (const { name, from, to } of switches) {
  t.test(`a live fleet does not jump: ${name}`, async t => {
    const school = new School({ spec: from })
    t.ok(await school.until(serving(school, 5), 300))
    meet(school, 5, { minutes: 60, participants: 8 })
    school.apply(to)
    const counts = new Set<number | undefined>()
    await school.until(() => {
      counts.add(school.status.fleet?.desired)
      return false
    }, 180)
    t.strictSame([...counts], [5])
    t.notOk(school.decisions.some(({ reason }) => reason === 'ScaleIn'))
  })
}

t.test('a bridge that is away while the source changes is not forgotten', async t => {
  const school = new School({ spec: between(5, 8) })
  t.ok(await school.until(serving(school, 5), 300))
  const [bridge] = school.cluster.bridgePods
  if (!bridge) throw new Error('no bridge')
  school.cluster.remove(bridge)
  school.apply(between(2, 8, stress))
  await school.cluster.run(5)
  t.equal(school.status.fleet?.desired, 5)
})

for (const metric of [cpu, stress]) {
  t.test(`${metric.source}: a lost status shrinks nothing, and is written again`, async t => {
    const school = new School({ spec: fixed })
    t.ok(await school.until(serving(school, 5), 300))
    school.apply(between(2, 8, metric))
    await school.cluster.run(60)
    const jitsi = school.cluster.store.get('Jitsi', 'meet')
    if (!jitsi) throw new Error('no Jitsi')
    school.cluster.store.patch(jitsi, ({ status: _lost, ...kept }) => kept)
    await school.cluster.run(300)
    t.equal(school.status.fleet?.desired, 5)
    t.equal(school.status.fleet?.serving, 5)
    t.notOk(school.decisions.some(({ reason }) => reason === 'ScaleIn'))
  })
}
