import t, { type Test } from 'tap'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { objectsIn } from '../chart/chart.ts'
import {
  allIn,
  applyExample,
  atRest,
  childrenIn,
  jitsiCondition,
  renderedExample,
  smallExamples,
  startLab,
  writesIn,
} from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { until } from './until.ts'

/*
 * Every example on a real API server: applied, run, left alone, and deleted again; and what can be
 * switched on, switched on and off while a Jitsi runs. The hooks are
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

for (const file of smallExamples) {
  await t.test(`examples/${file}`, async t => {
    const namespace = file.replace('.yaml', '')
    await makeNamespace(client, namespace)
    const jitsi = await applyExample(lab.plane, file, namespace)
    await comesUp(t, jitsi, file)
    await staysAsItIs(t, jitsi, file)
    await goesAway(t, jitsi)
  })
}

/** Optional things: what each makes, and who has to start anew to know of it. */
const switches: { name: string; spec: object; makes: string[]; restarts: string[] }[] = [
  {
    name: 'a TURN server',
    spec: { coturn: { enabled: true } },
    makes: ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service'].map(of('coturn')),
    // It is told to clients once it has an address, and here is nobody who gives it one.
    restarts: [],
  },
  {
    name: 'captions',
    spec: { transcriber: { enabled: true } },
    makes: ['Deployment', 'NetworkPolicy', 'Service'].map(of('transcriber')),
    restarts: ['jicofo', 'prosody', 'web'],
  },
  {
    name: 'figures',
    spec: { metrics: true },
    makes: ['PodMonitor/meet-jvb', 'PrometheusRule/meet-alerts'],
    restarts: ['prosody'],
  },
]

function of(component: string): (kind: string) => string {
  return kind => `${kind}/meet-${component}`
}

await t.test('switched on and off again', async t => {
  const namespace = 'switches'
  await makeNamespace(client, namespace)
  const jitsi = await applyExample(lab.plane, 'minimal.yaml', namespace)
  // Prosody and jicofo wait for nobody here.
  await change(jitsi, { disableGracefulUpgrade: true })
  await until('Ready', async () => (await jitsiCondition(lab.plane, jitsi, 'Ready')) === 'True')
  for (const { name, spec, makes, restarts } of switches) {
    await t.test(`${name} leaves nothing behind, and restarts nobody else`, async t => {
      const before = await settled(jitsi)
      await change(jitsi, spec)
      const there = async () => (await settled(jitsi)).objects
      await until(name, async () => includesAll(await there(), makes))
      await change(jitsi, Object.fromEntries(Object.keys(spec).map(field => [field, null])))
      await until(`no ${name}`, async () => !(await there()).some(object => makes.includes(object)))
      const after = await settled(jitsi)
      t.strictSame(after.objects, before.objects)
      t.strictSame(restarted(before.pods, after.pods), restarts)
    })
  }
  await client.remove(referenceTo(jitsi))
})

async function change(jitsi: KubeObject, spec: object): Promise<void> {
  await client.patch(referenceTo(jitsi), { spec })
}

function includesAll(all: readonly string[], some: readonly string[]): boolean {
  return some.every(one => all.includes(one))
}

/** What a Jitsi has once nothing is written and every Pod is the one that its Deployment wants. */
async function settled(jitsi: KubeObject) {
  const { namespace = '' } = jitsi.metadata
  await atRest(lab, jitsi)
  return until(`the Pods of ${namespace}`, async () => {
    const all = await allIn(lab.plane, namespace)
    const pods = all.filter(({ kind }) => kind === 'Pod')
    const deployments = all.filter(({ kind }) => kind === 'Deployment')
    return (
      deployments.every(isRolledOut) &&
      pods.every(pod => isRunning(pod) && !pod.metadata.deletionTimestamp) && {
        objects: names(all),
        pods: new Map(pods.map(({ metadata }) => [metadata.uid ?? '', componentOf(metadata)])),
      }
    )
  })
}

function componentOf({ labels }: KubeObject['metadata']): string {
  return labels?.['app.kubernetes.io/component'] ?? ''
}

/** Components of which a Pod is gone. */
function restarted(before: Map<string, string>, after: Map<string, string>): string[] {
  const gone = [...before].flatMap(([uid, component]) => (after.has(uid) ? [] : component))
  return [...new Set(gone)].sort()
}

function isRolledOut({ metadata, spec, status }: LiveObject): boolean {
  const { replicas } = spec as { replicas?: number }
  const { observedGeneration, updatedReplicas, availableReplicas, ...all } = (status ?? {}) as {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    availableReplicas?: number
  }
  return (
    observedGeneration === metadata.generation &&
    all.replicas === replicas &&
    updatedReplicas === replicas &&
    availableReplicas === replicas
  )
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
