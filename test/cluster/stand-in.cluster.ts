import t, { type Test } from 'tap'
import { writesBy } from './audit.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import {
  installCrds,
  type Metacontroller,
  metacontrollers,
  startMetacontroller,
} from './metacontroller.ts'
import { makeNamespace } from './namespace.ts'
import { snapshot } from './snapshot.ts'
import { startToyHook, type ToyHook } from './toy/hook.ts'
import { toyControllers, toyCrd, toyRights } from './toy/manifests.ts'
import { until } from './until.ts'

/*
 * The stand-in is only worth something if it does what Metacontroller does: one scenario, driven
 * by each of them, has to end in the same objects.
 */

const kinds = {
  owned: [
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'v1', kind: 'Secret' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'v1', kind: 'Pod' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
  ],
  parents: [{ apiVersion: 'example.test/v1', kind: 'Toy' }],
}

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)

const plane = await startControlPlane({ nodes: 1 })
t.teardown(() => plane.stop())
await installCrds(plane, [toyCrd])
await plane.client.apply(toyRights)

const ends: Record<string, unknown> = {}

for (const name of metacontrollers()) {
  await t.test(`${name}: a toy's children follow its spec`, async t => {
    const hook = await startToyHook()
    const metacontroller = await startMetacontroller(plane, name)
    const toy = await playground(plane, hook, `toys-of-${name}`)
    try {
      await scenario(t, { toy, hook, metacontroller })
      ends[name] = await snapshot(plane.client, toy.namespace, kinds)
      await deletion(t, toy)
    } finally {
      await toy.end()
      await metacontroller.stop()
      await hook.close()
    }
  })
}

await t.test('the stand-in ends where Metacontroller ends', async t => {
  if ('metacontroller' in ends) t.strictSame(ends['stand-in'], ends.metacontroller)
  else t.pass('METACONTROLLER_BIN names none to compare with')
})

type Playground = Awaited<ReturnType<typeof playground>>

async function playground({ client }: ControlPlane, hook: ToyHook, namespace: string) {
  await makeNamespace(client, namespace)
  const at = (kind: string, name: string, apiVersion = 'v1') => ({
    apiVersion,
    kind,
    name,
    namespace,
  })
  const toy = at('Toy', 'toy', 'example.test/v1')
  const controllers = toyControllers(hook.url)
  for (const controller of controllers) await client.apply(controller)
  return {
    namespace,
    find: (kind: string, name = 'toy', apiVersion = 'v1') =>
      client.find(at(kind, name, apiVersion)),
    patch: (kind: string, name: string, body: unknown) => client.patch(at(kind, name), body),
    note: (text: string) =>
      client.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'note', namespace },
        data: { text },
      }),
    apply: (spec: unknown) => client.apply({ ...toyObject(namespace), spec }),
    object: () => client.find(toy),
    remove: (kind: string, name: string, apiVersion = 'v1') =>
      client.remove(at(kind, name, apiVersion)),
    end: async () => {
      for (const controller of controllers) await client.remove(referenceTo(controller))
    },
  }
}

function toyObject(namespace: string) {
  return { apiVersion: 'example.test/v1', kind: 'Toy', metadata: { name: 'toy', namespace } }
}

interface Stage {
  toy: Playground
  hook: ToyHook
  metacontroller: Metacontroller
}

async function scenario(t: Test, { toy, hook, metacontroller }: Stage): Promise<void> {
  const status = async () => (await toy.object())?.status as Record<string, unknown> | undefined
  const data = async (kind: string) =>
    (await toy.find(kind))?.data as Record<string, string> | undefined
  const annotations = async (pod: string) => (await toy.find('Pod', pod))?.metadata.annotations

  await t.test('creates children, and decorates Pods', async t => {
    await toy.note('first')
    await toy.apply({ color: 'blue', replicas: 2 })
    await until('both Pods seen running', async () => {
      const seen = await Promise.all(['toy-0', 'toy-1'].map(annotations))
      return seen.every(it => it?.['example.test/phase'] === 'Running')
    })
    await until('status', async () => (await status())?.pods === 2)
    t.match(await status(), { color: 'blue', note: 'first', observedGeneration: 1 })
    t.strictSame(await data('ConfigMap'), { color: 'blue', sky: '<&>' })
  })

  await t.test('keeps what others added, takes away what the hook leaves out', async t => {
    await toy.patch('ConfigMap', 'toy', {
      metadata: { labels: { mine: 'yes' } },
      data: { extra: '1' },
    })
    await toy.patch('Pod', 'toy-0', { metadata: { annotations: { 'example.test/forget': 'me' } } })
    await toy.apply({ color: 'red', replicas: 2 })
    await until('the new colour', async () => (await status())?.color === 'red')
    await until('the annotation forgotten', async () => {
      const left = await annotations('toy-0')
      return left && !('example.test/forget' in left) && left['example.test/color'] === 'red'
    })
    t.strictSame(await data('ConfigMap'), { color: 'red', extra: '1' })
    t.strictSame(
      await data('Secret'),
      { color: Buffer.from('blue').toString('base64') },
      'OnDelete',
    )
  })

  await t.test('brings a deleted child back, and deletes what is one too many', async t => {
    const uid = (object: LiveObject | undefined) => object?.metadata.uid
    const before = uid(await toy.find('Pod', 'toy-0'))
    await toy.remove('Pod', 'toy-0')
    await until('another toy-0', async () => {
      const now = uid(await toy.find('Pod', 'toy-0'))
      return now !== undefined && now !== before
    })
    await toy.apply({ color: 'red', replicas: 1 })
    await until('toy-1 gone', async () => (await toy.find('Pod', 'toy-1')) === undefined)
    t.not(before, undefined)
  })

  await t.test('wakes the parent when a related object changes', async t => {
    await toy.note('second')
    await until('the note in status', async () => (await status())?.note === 'second')
    t.match(await status(), { note: 'second' })
  })

  await t.test(
    'changes nothing while the hook fails, and goes on by itself afterwards',
    async t => {
      hook.broken = true
      // A new generation asks the customize hook first.
      const failed = hook.calls['/customize'] ?? 0
      await toy.apply({ color: 'green', replicas: 0 })
      await until('two failed calls', () => (hook.calls['/customize'] ?? 0) >= failed + 2)
      t.strictSame(await data('ConfigMap'), { color: 'red', extra: '1' })
      t.ok(await toy.find('Pod', 'toy-0'))
      // Before the hook answers: no Pod may go at the retry of a call that came before.
      await toy.apply({ color: 'green', replicas: 1 })
      hook.broken = false
      await until('green', async () => (await status())?.color === 'green')
      await until('toy-0 green', async () => {
        const left = await annotations('toy-0')
        return left?.['example.test/color'] === 'green' && left['example.test/phase'] === 'Running'
      })
      await until('status at rest', async () => (await status())?.pods === 1)
    },
  )

  await t.test('writes nothing when nothing changed', async t => {
    const writes = async () =>
      (await writesBy('metacontroller', plane.auditLog)).filter(inNamespace(toy.namespace))
    const before = await quiet(writes)
    const calls = hook.calls['/sync'] ?? 0
    await until('three more calls', () => (hook.calls['/sync'] ?? 0) >= calls + 3)
    t.strictSame((await writes()).slice(before), [])
    t.strictSame(
      metacontroller.errors.filter(error => !error.includes('out of order')),
      [],
    )
  })
}

function inNamespace(namespace: string) {
  return (write: { namespace?: string; resource: string }) =>
    write.namespace === namespace && write.resource !== 'events'
}

/** The number of writes, once it stays the same over a second of resyncs. */
async function quiet(writes: () => Promise<unknown[]>): Promise<number> {
  let last = -1
  return until(
    'no more writes',
    async () => {
      const { length } = await writes()
      const same = length === last
      last = length
      return same && length
    },
    { everyMs: 1500 },
  )
}

async function deletion(t: Test, toy: Playground): Promise<void> {
  await t.test('leaves deletion to the garbage collector', async t => {
    await toy.remove('Toy', 'toy', 'example.test/v1')
    for (const { apiVersion, kind } of kinds.owned) {
      await until(`no ${kind} left`, async () => {
        const left = await plane.client.list({ apiVersion, kind }, { namespace: toy.namespace })
        return left.every(it => ['note', 'kube-root-ca.crt'].includes(it.metadata.name))
      })
    }
    t.pass()
  })
}
