import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KubeObject } from '../../src/kube/types.ts'
import { answerForPods, type Roles } from './answering-pods.ts'
import { type Write, writesBy } from './audit.ts'
import {
  type ControlPlane,
  type ControlPlaneOptions,
  condition,
  startControlPlane,
} from './control-plane.ts'
import { addOns, example, installOperator } from './install.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { type Metacontroller, startMetacontroller } from './metacontroller.ts'
import { repositoryRoot } from './repository.ts'
import { type Service, startService } from './service.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** Every kind of object that a Jitsi can consist of. */
export const childKinds = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  ...addOns.map(([group, version, kind]) => ({ apiVersion: `${group}/${version}`, kind })),
]

/** A control plane with the operator installed, its service running and Metacontroller at work. */
export interface Lab {
  plane: ControlPlane
  service: Service
  metacontroller: Metacontroller
  stop: () => Promise<void>
}

/** How a lab differs from the usual one. */
export interface LabOptions {
  /** Who plays the Pods that the observer calls; without it nobody ever meets. */
  roles?: Roles
  nodes?: number
  /** How its control plane differs. */
  plane?: Pick<ControlPlaneOptions, 'auditReadsOf' | 'admission'>
  /** Starts the hook service. */
  service?: (plane: ControlPlane) => Promise<Service>
}

/** Starts a lab; nothing of it outlives this process. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { roles, nodes = 6 } = options
  const plane = await startControlPlane({ ...options.plane, nodes, podCidr: loopbackCidr() })
  try {
    await furnish(plane)
    const service = await (options.service ?? startService)(plane)
    const metacontroller = await startMetacontroller(plane)
    await installOperator(plane, service)
    const endAnswers = await answerForPods(plane.client, roles)
    const stop = async () => {
      await metacontroller.stop()
      endAnswers()
      await service.stop()
      await plane.stop()
    }
    return { plane, service, metacontroller, stop }
  } catch (error) {
    await plane.stop()
    throw error
  }
}

/**
 * A range of loopback addresses that hardly any other run has: the service of another one would
 * call Pods of ours, and drain them.
 */
function loopbackCidr(): string {
  return `127.${randomInt(1, 255)}.${16 * randomInt(16)}.1/20`
}

/** Volumes for claims without a class, and a labelled pool of two nodes for media. */
async function furnish({ client }: ControlPlane): Promise<void> {
  for (const index of [1, 2]) {
    await client.patch(
      { apiVersion: 'v1', kind: 'Node', name: `node-${index}` },
      { metadata: { labels: { 'example.org/pool': 'media' } } },
    )
    await client.create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `volume-${index}` },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '10Gi' },
        hostPath: { path: '/nowhere' },
      },
    })
  }
}

/** All objects in a namespace that a Jitsi owns, directly. */
export async function childrenIn({ client }: ControlPlane, namespace: string) {
  const lists = await Promise.all(childKinds.map(kind => client.list(kind, { namespace })))
  return lists
    .flat()
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'Jitsi'))
}

/** Everything that a Jitsi brought into a namespace, its Deployments' Pods included. */
export async function allIn({ client }: ControlPlane, namespace: string): Promise<LiveObject[]> {
  const lists = await Promise.all(childKinds.map(kind => client.list(kind, { namespace })))
  return lists.flat().filter(({ metadata }) => metadata.ownerReferences?.length)
}

/** What `jitsi-operator render` prints for an example where the cluster has every add-on. */
export async function renderedExample(file: string): Promise<string> {
  const kinds = addOns.map(([group, version, kind]) => `${group}/${version}/${kind.toLowerCase()}s`)
  const optional = kinds.flatMap(kind => ['--child-resource', kind])
  const path = join(repositoryRoot, 'examples', file)
  const args = [join(repositoryRoot, 'dist/cli.js'), 'render', ...optional, path]
  return (await run(process.execPath, args, { maxBuffer: 2 ** 26 })).stdout
}

/** All files of examples/ and its folders that are Jitsis; EXAMPLE=part-of-a-name picks some. */
export const examples: readonly string[] = readdirSync(join(repositoryRoot, 'examples'), {
  recursive: true,
  encoding: 'utf8',
}).filter(file => file.endsWith('.yaml') && file.includes(process.env.EXAMPLE ?? ''))

/** Those that a lab has room for: not the fleets of examples/sizing and the days of traces. */
export const smallExamples = examples.filter(file => !file.includes('/'))

/** Applies the objects of one file of examples/ in a namespace of their own; returns the Jitsi. */
export async function applyExample(plane: ControlPlane, file: string, namespace: string) {
  const objects = example(file, namespace)
  for (const object of objects) await plane.client.apply(await placed(plane, object))
  const jitsi = objects.find(({ kind }) => kind === 'Jitsi')
  if (!jitsi) throw new Error(`no Jitsi in ${file}`)
  return jitsi
}

/** Kinds of the whole cluster, such as a PriorityClass, have no namespace. */
async function placed({ client }: ControlPlane, object: KubeObject): Promise<KubeObject> {
  const { namespace: _, ...metadata } = object.metadata
  const resource = await client.discover(object.apiVersion, ({ kind }) => kind === object.kind)
  return resource?.namespaced === false ? { ...object, metadata } : object
}

/** The status of one condition of a Jitsi. */
export async function jitsiCondition({ client }: ControlPlane, jitsi: KubeObject, type: string) {
  return condition(await client.get(referenceTo(jitsi)), type)
}

/** Writes of Metacontroller in one namespace; events are no objects that anybody waits for. */
export async function writesIn({ auditLog }: ControlPlane, namespace: string): Promise<Write[]> {
  const writes = await writesBy('metacontroller', auditLog)
  return writes.filter(write => write.namespace === namespace && write.resource !== 'events')
}

/**
 * Waits until a namespace is at rest: Metacontroller wrote nothing while it asked for the plan of
 * its Jitsi at least twice (each time because somebody touched the Jitsi). Returns the writes.
 */
export async function atRest(lab: Lab, jitsi: KubeObject): Promise<Write[]> {
  const { namespace = '' } = jitsi.metadata
  return until(
    `${namespace} at rest`,
    async () => {
      const before = await writesIn(lab.plane, namespace)
      await askTwice(lab, jitsi)
      const after = await writesIn(lab.plane, namespace)
      return after.length === before.length && after
    },
    { everyMs: 500, timeoutMs: 90_000 },
  )
}

/** Makes Metacontroller ask twice for the plan of a Jitsi, and waits for the answers. */
export async function askTwice(lab: Lab, { apiVersion, kind, metadata }: KubeObject) {
  const { name, namespace = '' } = metadata
  for (const _ of [1, 2]) {
    const calls = await lab.service.calls('sync')
    const touched = { metadata: { annotations: { 'example.test/touched': String(Date.now()) } } }
    await lab.plane.client.patch({ apiVersion, kind, name, namespace }, touched)
    await until('another sync', async () => (await lab.service.calls('sync')) > calls)
  }
}
