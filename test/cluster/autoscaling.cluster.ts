import t from 'tap'
import {
  autoscaledFleet,
  autoscalersIn,
  resetsOf,
  scaleField,
  untilCondition,
  watchServing,
} from './autoscaled-fleet.ts'
import { bridgePods, makeJitsi } from './bridge-pods.ts'
import { Clock } from './clock.ts'
import { askTwice, startLab } from './jitsi-lab.ts'
import { Meetings } from './meetings.ts'
import { startMetricsServer } from './metrics-server.ts'
import { furnishTightNode, makesWay } from './overprovisioning.ts'
import { startServiceBy } from './service.ts'
import { until } from './until.ts'

/*
 * Fleets that follow their load: the HPA controller of kube-controller-manager reads what bridges
 * use, writes the scale field, and the plan follows; or the plan decides alone.
 */

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)
// Most of the time is spent waiting for a drained bridge to be seen empty twice.
t.jobs = 4

const meetings = new Meetings()
const clock = new Clock()
const lab = await startLab({ roles: meetings.roles, service: startServiceBy(clock), nodes: 7 })
let stopMeasuring = () => {}
t.teardown(async () => {
  meetings.stop()
  stopMeasuring()
  await lab.stop()
})
await furnishTightNode(lab)
const { client } = lab.plane
t.comment(`hooks called by: ${lab.metacontroller.name}`)

const fleetIn = (namespace: string, autoscaling: object) =>
  autoscaledFleet({ lab, clock, namespace }, autoscaling)
const lossesOf = (namespace: string) => meetings.losses.filter(loss => loss.namespace === namespace)

/** Namespaces of which metrics-server has no figures. */
const unmeasured = new Set<string>()

const ownMetric = {
  type: 'Pods',
  pods: {
    metric: { name: 'jitsi_jvb_stress' },
    target: { type: 'AverageValue', averageValue: '0.5' },
  },
}
const withoutFigures = [
  { metric: { source: 'cpu' }, install: /install metrics-server/ },
  { metric: { source: 'kube-metrics-adapter' }, install: /install kube-metrics-adapter/ },
  { metric: { source: 'custom', metrics: [ownMetric] }, install: /the adapter that serves your/ },
]

await t.test('without what serves its figures', async t => {
  t.jobs = withoutFigures.length
  for (const { metric, install } of withoutFigures) {
    t.test(`${metric.source}: the condition says what to install`, { buffered: true }, async t => {
      const namespace = `without-${metric.source}`
      const jitsi = await makeJitsi(client, namespace, {
        strategy: { type: 'autoscaled', minReplicas: 1 },
        autoscaling: { metric },
      })
      const condition = { type: 'Autoscaling', status: 'False' }
      const { reason, message } = await untilCondition(lab, jitsi, condition)
      t.match(message, install)
      const [autoscaler] = await autoscalersIn(lab, namespace)
      if (!autoscaler) throw new Error(`no autoscaler in ${namespace}`)
      const its = await untilCondition(lab, autoscaler, { type: 'ScalingActive', status: 'False' })
      t.equal(reason, its.reason)
      t.equal((await bridgePods(client, namespace)).length, 1)
    })
  }
})

await t.test('metrics-server is installed later: the autoscaler begins', async t => {
  stopMeasuring = await startMetricsServer(lab.plane, (pod, container) =>
    unmeasured.has(pod.metadata.namespace ?? '') ? undefined : meetings.coresUsed(pod, container),
  )
  const [autoscaler] = await autoscalersIn(lab, 'without-cpu')
  const [owner] = autoscaler?.metadata.ownerReferences ?? []
  if (!owner) throw new Error('an autoscaler that nobody owns')
  const { apiVersion, kind, name } = owner
  const jitsi = { apiVersion, kind, metadata: { name, namespace: 'without-cpu' } }
  const { message } = await untilCondition(lab, jitsi, { type: 'Autoscaling', status: 'True' })
  t.match(message, /wants 1 bridges/)
})

for (const source of ['cpu', 'stress']) {
  t.test(
    `${source}: meetings make the fleet grow, it shrinks when they are over, and nobody is cut off`,
    { buffered: true },
    async t => {
      const namespace = `by-${source}`
      const it = await fleetIn(namespace, { metric: { source, target: '0.5' } })
      t.equal((await it.autoscalers()).length, source === 'cpu' ? 1 : 0)
      // Four times 40 people: a stress of 1.8 in all, so four bridges at a target of 0.5.
      const [, ...over] = meetings.hold(namespace, 4, 40)
      await it.serving(4)
      for (const meeting of over) meetings.in(namespace).people.adjourn(meeting)
      if (source === 'cpu') {
        await until('a fall to be examined', async () => 'fallingSince' in (await it.remembered()))
        await it.forward(61)
      }
      await it.serving(2)
      t.strictSame(lossesOf(namespace), [])
    },
  )
}

t.test(
  'whoever resets the scale field cuts no bridge that is needed',
  { buffered: true },
  async t => {
    const namespace = 'reset'
    const it = await fleetIn(namespace, { metric: { source: 'cpu', target: '0.5' } })
    meetings.hold(namespace, 4, 40)
    await it.serving(4)
    const watch = await watchServing(lab, namespace)
    t.teardown(watch.stop)
    const resets = resetsOf(lab, it.jitsi)
    const lastScaled = async () => (await it.autoscalers())[0]?.status?.lastScaleTime
    for (const [name, reset] of Object.entries(resets)) {
      const before = await lastScaled()
      await reset()
      await askTwice(lab, it.jitsi)
      // It writes only where it finds another number than it wants: the field was reset indeed.
      await until('the autoscaler to ask again', async () => {
        return (await lastScaled()) !== before && (await scaleField(lab, it.jitsi)) === 4
      })
      t.equal(watch.fewest(), 4, name)
    }
    unmeasured.add(namespace)
    const [autoscaler] = await it.autoscalers()
    if (!autoscaler) throw new Error('no autoscaler')
    await untilCondition(lab, autoscaler, { type: 'ScalingActive', status: 'False' })
    await resets['kubectl scale']()
    await until('a fall to be examined', async () => 'fallingSince' in (await it.remembered()))
    await it.forward(61)
    await it.serving(3)
    t.equal(watch.fewest(), 3, 'without figures: what the people there need, and not the minimum')
    t.strictSame(lossesOf(namespace), [])
  },
)

t.test('a schedule raises the minimum when its time comes', { buffered: true }, async t => {
  const begin = new Date(Math.ceil(Date.now() / 60_000 + 2) * 60_000)
  const entry = {
    name: 'lessons',
    cron: `${begin.getUTCMinutes()} ${begin.getUTCHours()} * * *`,
    timezone: 'UTC',
    duration: '2m',
    minReplicas: 4,
  }
  const it = await fleetIn('scheduled', { metric: { source: 'cpu' }, schedule: [entry] })
  const least = async () => (await it.autoscalers()).map(({ spec }) => spec.minReplicas)
  t.strictSame(await least(), [2])
  t.match(await it.remembered(), { scheduleNext: { name: 'lessons', minReplicas: 4 } })
  const secondsTo = (time: number) => (time - clock.nowIn('scheduled').getTime()) / 1000
  // Nobody touches the Jitsi at the moment itself: the plan asked to be called again.
  await it.forward(secondsTo(begin.getTime()) - 3)
  await it.serving(4)
  t.strictSame(await least(), [4])
  t.match(await it.remembered(), { scheduleInForce: { name: 'lessons', minReplicas: 4 } })
  await it.forward(secondsTo(begin.getTime() + 120_000) - 3)
  await until('the usual minimum', async () => (await least())[0] === 2)
  const after = await until('a status that says so', async () => {
    const remembered = await it.remembered()
    return !('scheduleInForce' in remembered) && remembered
  })
  t.match(after, { scheduleNext: { name: 'lessons' } })
})

t.test('a bridge takes the place of a placeholder on a full node', { buffered: true }, async t => {
  await makesWay({ lab, clock, namespace: 'overprovisioned' })
  t.strictSame(lossesOf('overprovisioned'), [])
})
