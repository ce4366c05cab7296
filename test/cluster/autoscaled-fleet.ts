import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { type BridgeWishes, intentOf, makeJitsi, statusOf, untilServing } from './bridge-pods.ts'
import type { Clock } from './clock.ts'
import { askTwice, type Lab } from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { Informer } from './stand-in/informer.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** Shrinks as soon as the load allows it, and not in a quarter of an hour. */
const atOnce = {
  scaleDown: {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
}

/** Where a fleet is, and by which clock its plan goes. */
export interface Surroundings {
  lab: Lab
  clock: Clock
  namespace: string
}

/** An autoscaled Jitsi in a namespace of its own, with two bridges that serve. */
export async function autoscaledFleet(
  { lab, clock, namespace }: Surroundings,
  autoscaling: object,
  jvb: BridgeWishes = {},
) {
  const { client } = lab.plane
  const jitsi = await makeJitsi(client, namespace, {
    strategy: { type: 'autoscaled', minReplicas: 2, maxReplicas: 6 },
    autoscaling: { behavior: atOnce, tolerance: '0.1', ...autoscaling },
    ...jvb,
  })
  const serving = (count: number) => untilServing(lab, jitsi, { count })
  await serving(2)
  return {
    jitsi,
    serving,
    remembered: async () => (await statusOf(client, jitsi)).autoscaling ?? {},
    autoscalers: () => autoscalersIn(lab, namespace),
    /** Moves the plan's clock on, and lets the plan look at it. */
    forward: async (seconds: number) => {
      clock.forward(namespace, seconds)
      await askTwice(lab, jitsi)
    },
  }
}

/** A HorizontalPodAutoscaler, as far as tests look at it. */
export interface Autoscaler extends LiveObject {
  spec: { minReplicas: number; maxReplicas: number }
  status?: { lastScaleTime?: string }
}

/** The autoscalers of a namespace. */
export async function autoscalersIn({ plane }: Lab, namespace: string): Promise<Autoscaler[]> {
  const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }
  return (await plane.client.list(kind, { namespace })) as Autoscaler[]
}

/** The scale field, which autoscalers write. */
export async function scaleField({ plane }: Lab, jitsi: KubeObject): Promise<number> {
  const { spec } = await plane.client.get(referenceTo(jitsi))
  return (spec as { jvb: { strategy: { replicas: number } } }).jvb.strategy.replicas
}

/** What people do to the scale field, by name: each puts a smaller number there. */
export function resetsOf({ plane }: Lab, { apiVersion, kind, metadata, spec }: KubeObject) {
  const { name, namespace = '' } = metadata
  const { jvb, ...others } = spec as { jvb: { strategy: { replicas?: number } } }
  const { replicas: _, ...strategy } = jvb.strategy
  const file = join(plane.folder, 'manifest.json')
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig('admin') }
  const kubectl = (...args: string[]) => run(plane.kubectl, args, { env })
  const write = async (verb: string[], own: object = {}) => {
    const changed = { ...others, jvb: { ...jvb, strategy: { ...strategy, ...own } } }
    const object = { apiVersion, kind, metadata: { name, namespace }, spec: changed }
    writeFileSync(file, JSON.stringify(object))
    // `replace` gives up where somebody else writes in the same moment, as an autoscaler does.
    await until(`kubectl ${verb}`, async () => {
      await kubectl(...verb, '-f', file)
      return true
    })
  }
  const again = (verb: string[]) => async () => {
    await write(verb, { replicas: 2 })
    await write(verb)
  }
  return {
    'kubectl apply, first with a number of its own, then without': again(['apply']),
    'the same by the server': again(['apply', '--server-side', '--force-conflicts']),
    'kubectl replace': () => write(['replace']),
    'kubectl scale': () => kubectl('scale', `jitsi/${name}`, '-n', namespace, '--replicas=1'),
  }
}

/** Follows the bridges that are to serve in a namespace; tells the fewest of all moments. */
export async function watchServing({ plane }: Lab, namespace: string) {
  const resource = await plane.client.discover('v1', ({ plural }) => plural === 'pods')
  if (!resource) throw new Error('no Pods in v1')
  const pods = new Informer(plane.client, resource)
  await pods.synced
  const serving = () =>
    pods.list().filter(pod => pod.metadata.namespace === namespace && isToServe(pod)).length
  let fewest = serving()
  pods.listen(() => {
    fewest = Math.min(fewest, serving())
  })
  return { fewest: () => fewest, stop: () => pods.stop() }
}

function isToServe(pod: LiveObject): boolean {
  const { labels, deletionTimestamp } = pod.metadata
  return labels?.[label.observe] === 'jvb' && !deletionTimestamp && intentOf(pod) === 'serve'
}

/** One condition of an object. */
export function conditionOf({ status }: LiveObject, type: string) {
  const { conditions = [] } = (status ?? {}) as {
    conditions?: { type: string; status: string; reason: string; message: string }[]
  }
  return conditions.find(condition => condition.type === type)
}

/** Waits until a condition of an object is that; returns it. */
export function untilCondition(
  { plane }: Lab,
  object: KubeObject,
  { type, status }: { type: string; status: string },
) {
  return until(`${object.metadata.namespace}: ${type} is ${status}`, async () => {
    const found = conditionOf(await plane.client.get(referenceTo(object)), type)
    return found?.status === status && found
  })
}
