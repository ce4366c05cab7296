import t from 'tap'
import { type BridgeWishes, factsOf, nameOf, serves, statusOf } from './bridge-pods.ts'
import { campusOf, fleetIn } from './campus.ts'
import { referenceTo } from './kube-client.ts'
import { until } from './until.ts'

/* Fleets with meetings on them grow, shrink, are rolled out and fall, and nobody is cut off. */

const campus = await campusOf(t)
const { lab } = campus
const { client } = lab.plane

async function staticFleet(namespace: string, replicas: number, jvb: BridgeWishes = {}) {
  const it = await fleetIn(campus, namespace, { strategy: { type: 'static', replicas }, ...jvb })
  await it.serving(replicas)
  return it
}

t.test(
  'from 1 to 20 to 3: bridges with meetings stay until these end',
  { buffered: true },
  async t => {
    const it = await staticFleet('sized', 1)
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
    t.strictSame(it.losses(), [])
  },
)

t.test(
  'a new image under load: new bridges first, old ones once empty',
  { buffered: true },
  async t => {
    const it = await staticFleet('renewed', 3, { rollout: { maxSurge: 3 } })
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
    t.strictSame(it.losses(), [])
  },
)

t.test(
  'a bridge that crashes keeps its Pod, and its drain is put back',
  { buffered: true },
  async t => {
    const it = await staticFleet('crashed', 3)
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
    t.strictSame(it.losses(), [])
  },
)

t.test(
  'a bridge that a quota refuses: Progressing says so, until there is room',
  { buffered: true },
  async t => {
    const it = await staticFleet('rationed', 1)
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'pods', namespace: 'rationed' },
      // Prosody, jicofo, web and one bridge.
      spec: { hard: { pods: '4' } },
    }
    await client.create(quota)
    await until('what is there counts', async () => {
      const { status } = await client.get(referenceTo(quota))
      return (status as { used?: { pods?: string } } | undefined)?.used?.pods === '4'
    })
    const progressing = async () =>
      (await statusOf(client, it.jitsi)).conditions?.find(({ type }) => type === 'Progressing')
    await it.scale(2)
    const said = await until(
      'BridgesRefused',
      async () => {
        const now = await progressing()
        return now?.reason === 'BridgesRefused' && now
      },
      { timeoutMs: 180_000 },
    )
    t.match(said.message, /^meet-jvb-1 is made again and again, and does not appear/)
    t.equal((await it.pods()).length, 1)
    await client.patch(referenceTo(quota), { spec: { hard: { pods: '5' } } })
    await it.serving(2)
    await until('Complete', async () => (await progressing())?.reason === 'Complete')
    t.strictSame(it.losses(), [])
  },
)

t.test('nobody observes: what is not known to be empty stays', { buffered: false }, async t => {
  const it = await staticFleet('unseen', 4)
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
  t.strictSame(it.losses(), [])
})
