import t, { type Test } from 'tap'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { objectsIn } from '../chart/chart.ts'
import {
  allIn,
  applyExample,
  atRest,
  childrenIn,
  examples,
  jitsiCondition,
  renderedExample,
  startLab,
  writesIn,
} from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { until } from './until.ts'

/*
 * Every example on a real API server: applied, run, left alone, and deleted again. The hooks are
 * called by Metacontroller itself where METACONTROLLER_BIN names it, else by the stand-in.
 */

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)

/** A copy of the passwords is named after its content, which is random in a cluster. */
const digest = /(?<=-passwords)-[0-9a-f]{10}$/

const lab = await startLab()
t.teardown(() => lab.stop())
const { client } = lab.plane
t.comment(`hooks called by: ${lab.metacontroller.name}`)

for (const file of examples) {
  await t.test(`examples/${file}`, async t => {
    const namespace = file.replace('.yaml', '')
    await makeNamespace(client, namespace)
    const jitsi = await applyExample(lab.plane, file, namespace)
    await comesUp(t, jitsi, file)
    await staysAsItIs(t, jitsi, file)
    await goesAway(t, jitsi)
  })
}

async function comesUp(t: Test, jitsi: KubeObject, file: string): Promise<void> {
  await t.test('all objects exist and all Pods run', async t => {
    const { namespace = '' } = jitsi.metadata
    await playCloud(namespace, jitsi)
    const rendered = objectsIn(await renderedExample(file))
    const expected = names(rendered.filter(isChild))
    await until(`the objects of ${file}`, async () => {
      const found = names(await childrenIn(lab.plane, namespace))
      return expected.every(name => found.includes(name))
    })
    t.strictSame(names(await childrenIn(lab.plane, namespace)), expected)
    await until('Ready', async () => (await jitsiCondition(lab.plane, jitsi, 'Ready')) === 'True')
    // Ready needs a bridge that serves, not all of them: a schedule may have asked for nine.
    const pods = await until('all Pods run', async () => {
      const found = (await allIn(lab.plane, namespace)).filter(({ kind }) => kind === 'Pod')
      return found.every(isRunning) && found
    })
    t.ok(pods.some(({ metadata }) => metadata.labels?.[label.observe] === 'jvb'))
  })
}

async function staysAsItIs(t: Test, jitsi: KubeObject, file: string): Promise<void> {
  await t.test('applied again, and with a new hook process, nothing is written', async t => {
    const { namespace = '' } = jitsi.metadata
    const before = await atRest(lab, jitsi)
    await applyExample(lab.plane, file, namespace)
    await lab.service.restart()
    await atRest(lab, jitsi)
    const writes = await writesIn(lab.plane, namespace)
    t.strictSame(writes.slice(before.length), [])
  })
}

async function goesAway(t: Test, jitsi: KubeObject): Promise<void> {
  await t.test('a deleted Jitsi leaves nothing behind', async t => {
    const { namespace = '' } = jitsi.metadata
    await client.remove(referenceTo(jitsi))
    const left = async () => names(await allIn(lab.plane, namespace))
    await until(`nothing left in ${namespace}`, async () => (await left()).length === 0)
    t.strictSame(await left(), [])
  })
}

/** Bridges have names that are made with them. */
function isChild({ kind }: KubeObject): boolean {
  return !['Pod', 'Jitsi', 'Namespace'].includes(kind)
}

function names(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(isChild)
    .map(({ kind, metadata }) => `${kind}/${metadata.name.replace(digest, '-…')}`)
    .sort()
}

function isRunning({ status }: LiveObject): boolean {
  return (status as { phase?: string } | undefined)?.phase === 'Running'
}

/** Gives Services of type LoadBalancer their address, as a cloud does. */
async function playCloud(namespace: string, { spec }: KubeObject): Promise<void> {
  if (!JSON.stringify(spec).includes('LoadBalancer')) return
  const service = await until('a LoadBalancer', async () => {
    const services = await client.list({ apiVersion: 'v1', kind: 'Service' }, { namespace })
    return services.find(it => (it.spec as { type?: string }).type === 'LoadBalancer')
  })
  const ingress = [{ ip: '198.51.100.7' }]
  await client.patch(referenceTo(service), { status: { loadBalancer: { ingress } } }, 'status')
}
