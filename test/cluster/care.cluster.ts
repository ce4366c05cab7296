import t from 'tap'
import { writesBy } from './audit.ts'
import {
  applyExample,
  askTwice,
  atRest,
  childrenIn,
  jitsiCondition,
  startLab,
  writesIn,
} from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { until } from './until.ts'

/* What becomes of a Jitsi that runs: somebody deletes things, makes mistakes, or does nothing. */

t.setTimeout(0)

const lab = await startLab()
t.teardown(() => lab.stop())
const { plane } = lab
const { client } = plane
t.comment(`hooks called by: ${lab.metacontroller.name}`)

const namespace = 'care'
await makeNamespace(client, namespace)
const jitsi = await applyExample(plane, 'minimal.yaml', namespace)
const reference = referenceTo(jitsi)
await until('Ready', async () => (await jitsiCondition(plane, jitsi, 'Ready')) === 'True')

const secret = { apiVersion: 'v1', kind: 'Secret', name: 'meet', namespace }

await t.test('a deleted child comes back, and the passwords stay', async t => {
  const before = (await client.get(secret)).data
  t.ok(Object.keys(before as object).length > 0)
  for (const child of await removable()) {
    await client.remove(referenceTo(child), child.metadata.uid)
    await until(`another ${child.kind} ${child.metadata.name}`, async () => {
      const now = await client.find(referenceTo(child))
      return now && now.metadata.uid !== child.metadata.uid
    })
  }
  t.strictSame((await client.get(secret)).data, before)
})

/** One of each kind; Pods have another name when they come back. */
async function removable(): Promise<LiveObject[]> {
  const children = await childrenIn(plane, namespace)
  const kinds = ['Deployment', 'Service', 'Ingress', 'NetworkPolicy', 'PodDisruptionBudget']
  return kinds.flatMap(kind => children.find(child => child.kind === kind) ?? [])
}

await t.test('a lost bridge is replaced', async t => {
  const bridges = async () =>
    (await childrenIn(plane, namespace)).filter(({ kind }) => kind === 'Pod')
  const [before] = await bridges()
  t.ok(before)
  if (before) await client.remove(referenceTo(before))
  await until('another bridge', async () => {
    const now = (await bridges()).filter(({ metadata }) => metadata.uid !== before?.metadata.uid)
    return now.length === 1
  })
  await until('Ready', async () => (await jitsiCondition(plane, jitsi, 'Ready')) === 'True')
})

await t.test('a mistake that only the plan can see changes nothing that runs', async t => {
  await atRest(lab, jitsi)
  const before = await fingerprint()
  const patch = { existingSecret: { name: 'there-is-none' }, variables: { NO_SUCH_SETTING: 'x' } }
  await client.patch(reference, { spec: patch })
  await until('a word about it', async () => {
    const status = await jitsiCondition(plane, jitsi, 'ConfigurationValid')
    return status === 'False'
  })
  t.strictSame(await fingerprint(), before)
  await client.patch(reference, { spec: { existingSecret: null, variables: null } })
  await until(
    'valid again',
    async () => (await jitsiCondition(plane, jitsi, 'ConfigurationValid')) === 'True',
  )
})

async function fingerprint(): Promise<string[]> {
  const children = await childrenIn(plane, namespace)
  return children.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`).sort()
}

await t.test('suspended, nothing changes', async t => {
  await client.patch(reference, { spec: { suspend: true } })
  await atRest(lab, jitsi)
  const writes = await writesIn(plane, namespace)
  await client.patch(reference, {
    spec: { domain: 'other.example.org', jvb: { strategy: { replicas: 3 } } },
  })
  await askTwice(lab, jitsi)
  const since = (await writesIn(plane, namespace)).slice(writes.length)
  t.strictSame(
    since.filter(({ resource }) => resource !== 'jitsis'),
    [],
  )
  await client.patch(reference, {
    spec: { domain: 'meet.example.org', jvb: { strategy: { replicas: 1 } }, suspend: false },
  })
  await until('at work again', async () => (await jitsiCondition(plane, jitsi, 'Ready')) === 'True')
})

await t.test('an idle cluster sees no write', async t => {
  await atRest(lab, jitsi)
  const writes = async () => [
    ...(await writesBy('metacontroller', plane.auditLog)),
    ...(await writesBy('service', plane.auditLog)),
  ]
  const before = (await writes()).length
  const seen = {
    sync: await lab.service.calls('sync'),
    observe: await lab.service.calls('observe'),
  }
  // Both hooks are called all the time, by resync periods of theirs.
  await until(
    'ten observations and a resync',
    async () =>
      (await lab.service.calls('observe')) >= seen.observe + 10 &&
      (await lab.service.calls('sync')) > seen.sync,
    { timeoutMs: 180_000, everyMs: 500 },
  )
  t.strictSame((await writes()).slice(before), [])
})

await t.test(
  'a key that is missing is added to the Secret, and a deleted Secret comes back',
  async t => {
    const there = 'secrets'
    await makeNamespace(client, there)
    const applied = await applyExample(plane, 'minimal.yaml', there)
    await until('Ready', async () => (await jitsiCondition(plane, applied, 'Ready')) === 'True')
    const own = { ...secret, namespace: there }
    const data = async () => ((await client.find(own))?.data ?? {}) as Record<string, string>
    const { JIBRI_XMPP_PASSWORD: drawn, ...others } = await data()
    t.ok(drawn)
    await client.patch(own, { data: { JIBRI_XMPP_PASSWORD: null } })
    await until('a new password', async () => (await data()).JIBRI_XMPP_PASSWORD)
    t.match(await data(), others)
    await until('Ready', async () => (await jitsiCondition(plane, applied, 'Ready')) === 'True')
    const before = await client.get(own)
    await client.remove(own)
    await until('another Secret', async () => {
      const now = await client.find(own)
      return now && now.metadata.uid !== before.metadata.uid
    })
    t.match(await data(), others)
    await client.remove(referenceTo(applied))
  },
)

await t.test('how long it takes until all objects exist, warm', async t => {
  const figures: number[] = []
  for (const run of [1, 2, 3, 4, 5]) {
    const warm = `warm-${run}`
    await makeNamespace(client, warm)
    const applied = await applyExample(plane, 'minimal.yaml', warm)
    await until('Ready', async () => (await jitsiCondition(plane, applied, 'Ready')) === 'True')
    figures.push(await millisecondsToExist(warm))
    await client.remove(referenceTo(applied))
  }
  t.comment(`apply → all objects exist: ${figures.join(', ')} ms`)
  t.ok(figures.every(figure => figure > 0))
})

/** From the Jitsi's creation to that of its last child, by the API server's own clock. */
async function millisecondsToExist(warm: string): Promise<number> {
  const times = (writes: { at: string }[]) => writes.map(({ at }) => Date.parse(at))
  const applied = (await writesBy('admin', plane.auditLog)).filter(
    write => write.namespace === warm && write.resource === 'jitsis',
  )
  const created = (await writesIn(plane, warm)).filter(({ verb }) => verb === 'create')
  return Math.max(...times(created)) - Math.min(...times(applied))
}
