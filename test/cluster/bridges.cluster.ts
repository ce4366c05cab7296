import t from 'tap'
import {
  type BridgeWishes,
  bridgePods,
  factsOf,
  intentOf,
  makeJitsi,
  nameOf,
  scale,
  serves,
  untilServing,
} from './bridge-pods.ts'
import { startLab } from './jitsi-lab.ts'
import { referenceTo } from './kube-client.ts'
import { Meetings } from './meetings.ts'
import { until } from './until.ts'

/* Fleets with meetings on them grow, shrink, are rolled out and fall, and nobody is cut off. */

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)
// Most of the time is spent waiting for a drained bridge to be seen empty twice.
t.jobs = 3

const meetings = new Meetings()
const lab = await startLab({ roles: meetings.roles })
t.teardown(async () => {
  meetings.stop()
  await lab.stop()
})
const { client } = lab.plane
t.comment(`hooks called by: ${lab.metacontroller.name}`)

/** A Jitsi in a namespace of its own, and how its bridges are. */
async function fleetIn(namespace: string, replicas: number, jvb: BridgeWishes = {}) {
  const fleet = meetings.in(namespace)
  const jitsi = await makeJitsi(client, namespace, {
    strategy: { type: 'static', replicas },
    ...jvb,
  })
  await untilServing(lab, jitsi, { count: replicas })
  const pods = () => bridgePods(client, namespace)
  const busy = () => fleet.bridges.filter(({ participants }) => participants.size > 0)
  return {
    fleet,
    jitsi,
    pods,
    draining: async () => (await pods()).filter(pod => intentOf(pod) === 'drain'),
    scale: (count: number) => scale(client, jitsi, count),
    serving: (count: number) => untilServing(lab, jitsi, { count }),
    /** Holds meetings, as many as keep that many bridges busy; returns how to end them. */
    keepBusy: async (bridges: number, count = bridges) => {
      const held = meetings.hold(namespace, count)
      await until('meetings', () => busy().length === bridges)
      await until('that they are written down', async () => {
        const seen = (await pods()).filter(pod => (factsOf(pod)?.conferences ?? 0) > 0)
        return seen.length === bridges
      })
      return () => {
        for (const meeting of held) fleet.adjourn(meeting)
      }
    },
  }
}

const lossesOf = (namespace: string) => meetings.losses.filter(loss => loss.namespace === namespace)

t.test(
  'from 1 to 20 to 3: bridges with meetings stay until these end',
  { buffered: true },
  async t => {
    const it = await fleetIn('sized', 1)
    await it.scale(20)
    const all = await it.serving(20)
    const places = all.map(
      ({ spec }) =>
        `${spec.nodeName} ${spec.containers[0]?.ports?.find(p => p.hostPort)?.hostPort}`,
    )
    t.equal(new Set(places).size, 20, 'each has a port of its own on its node')
    const adjourn = await it.keepBusy(12)
    await it.scale(3)
    await until('idle bridges gone', async () => (await it.pods()).length === 12)
    t.equal((await it.draining()).length, 9)
    adjourn()
    await it.serving(3)
    t.strictSame(lossesOf('sized'), [])
  },
)

t.test(
  'a new image under load: new bridges first, old ones once empty',
  { buffered: true },
  async t => {
    const it = await fleetIn('renewed', 3, { rollout: { maxSurge: 3 } })
    const adjourn = await it.keepBusy(3, 6)
    const old = (await it.pods()).map(nameOf)
    const image = 'docker.io/jitsi/jvb:stable-11146-3'
    await client.patch(referenceTo(it.jitsi), { spec: { jvb: { image } } })
    await until('three new bridges serve, and all old ones drain', async () => {
      const serving = (await it.pods()).filter(serves)
      return serving.length === 3 && (await it.draining()).length === 3
    })
    t.strictSame((await it.draining()).map(nameOf), old)
    adjourn()
    const all = await it.serving(3)
    t.ok(all.every(({ spec }) => spec.containers[0]?.image === image))
    t.strictSame(lossesOf('renewed'), [])
  },
)

t.test(
  'a bridge that crashes keeps its Pod, and its drain is put back',
  { buffered: true },
  async t => {
    const it = await fleetIn('crashed', 3)
    const adjourn = await it.keepBusy(3, 6)
    await it.scale(2)
    const victim = await until('one drains', async () => {
      const [found] = await it.draining()
      return found && factsOf(found)?.draining === true && found
    })
    it.fleet.crashBridge(nameOf(victim))
    const after = await until('it drains again after its start', async () => {
      const found = (await it.pods()).find(pod => nameOf(pod) === nameOf(victim))
      const facts = found && factsOf(found)
      return facts?.startupTime !== factsOf(victim)?.startupTime && facts?.draining && found
    })
    t.equal(after.metadata.uid, victim.metadata.uid)
    adjourn()
    await it.serving(2)
    t.strictSame(lossesOf('crashed'), [])
  },
)

t.test('nobody observes: what is not known to be empty stays', { buffered: false }, async t => {
  const it = await fleetIn('unseen', 4)
  const observer = {
    apiVersion: 'metacontroller.k8s.io/v1alpha1',
    kind: 'DecoratorController',
    name: 'jitsi-operator-observer',
  }
  const { apiVersion, kind, metadata, spec } = await client.get(observer)
  await client.remove(observer)
  await it.scale(1)
  await until('three are to drain', async () => (await it.draining()).length === 3)
  const syncs = await lab.service.calls('sync')
  await until('two more looks of the plan', async () => {
    return (await lab.service.calls('sync')) >= syncs + 2
  })
  t.equal((await it.pods()).length, 4)
  await client.apply({ apiVersion, kind, metadata: { name: metadata.name }, spec } as never)
  await it.serving(1)
  t.strictSame(lossesOf('unseen'), [])
})
