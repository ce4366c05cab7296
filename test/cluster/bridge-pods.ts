import { parseBridgeFacts } from '../../src/api/facts.ts'
import type { BridgeStatus, JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { JvbSpec } from '../../src/api/jvb-spec.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import type { Lab } from './jitsi-lab.ts'
import { type KubeClient, type LiveObject, referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { type Patience, until } from './until.ts'

/** What a test says of the bridges. */
export type BridgeWishes = { [key in keyof JvbSpec]?: unknown }

/** Bridges so small that a hundred of them fit on a few nodes. */
const small = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '50m', memory: '64Mi' },
}

/** What a test asks for: `spec.jvb`, and what else stands in `spec`. */
export type JitsiWishes = BridgeWishes & { spec?: object }

/** Makes a namespace with a Jitsi in it, and returns the Jitsi. */
export async function makeJitsi(
  client: KubeClient,
  namespace: string,
  { spec, ...jvb }: JitsiWishes,
): Promise<LiveObject> {
  await makeNamespace(client, namespace)
  return client.create({
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace },
    spec: { ...spec, domain: `${namespace}.example.org`, jvb: { resources: small, ...jvb } },
  })
}

/** Asks for so many bridges as an autoscaler would: by the Jitsi's /scale. */
export async function scale(client: KubeClient, jitsi: KubeObject, replicas: number) {
  await client.patch(referenceTo(jitsi), { spec: { replicas } }, 'scale')
}

/** Every Pod of a bridge in a namespace, those that are on their way out included. */
export async function bridgePods(client: KubeClient, namespace: string) {
  const labels = `${label.observe}=jvb`
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels })
  return pods as (LiveObject & Pod)[]
}

/** What the observer wrote on a bridge. */
export function factsOf(pod: KubeObject) {
  return parseBridgeFacts(pod.metadata.annotations?.[annotation.facts])
}

/** What the plan wants of a bridge. */
export const intentOf = ({ metadata }: KubeObject) => metadata.annotations?.[annotation.intent]

/** Waits until exactly so many bridges are there and all of them serve; returns them. */
export async function untilServing(
  { plane }: Pick<Lab, 'plane'>,
  { metadata }: KubeObject,
  { count, ...patience }: Patience & { count: number },
) {
  const { namespace = '' } = metadata
  return until(
    `${count} bridges of ${namespace} and no other`,
    async () => {
      const pods = await bridgePods(plane.client, namespace)
      return pods.length === count && pods.every(serves) && pods
    },
    { timeoutMs: 120_000, everyMs: 250, ...patience },
  )
}

/** Does it take meetings, by its own words and the plan's? */
export function serves(pod: KubeObject): boolean {
  const facts = factsOf(pod)
  return facts?.reachable === true && facts.mucsJoined > 0 && intentOf(pod) === 'serve'
}

/** The Jitsi's status. */
export async function statusOf(client: KubeClient, jitsi: KubeObject): Promise<JitsiStatus> {
  return ((await client.get(referenceTo(jitsi))).status ?? {}) as JitsiStatus
}

/** What status says of each bridge. */
export async function bridgeStates(client: KubeClient, jitsi: KubeObject): Promise<BridgeStatus[]> {
  return (await statusOf(client, jitsi)).bridges ?? []
}

export const nameOf = ({ metadata }: KubeObject) => metadata.name
