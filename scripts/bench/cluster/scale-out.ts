import type { PodSpec } from 'kubernetes-types/core/v1.js'
import type { KubeObject } from '../../../src/kube/types.ts'
import { type AnyWrite, allWrites } from '../../../test/cluster/audit.ts'
import { makeJitsi, scale, untilServing } from '../../../test/cluster/bridge-pods.ts'
import { type ControlPlane, usernames } from '../../../test/cluster/control-plane.ts'
import type { Lab } from '../../../test/cluster/jitsi-lab.ts'
import { makeNamespace } from '../../../test/cluster/namespace.ts'
import { until } from '../../../test/cluster/until.ts'
import { span } from './moments.ts'

/** One growth, from the scale request to the last Pod. */
export interface Growth {
  milliseconds: number
  /** What its controllers wrote meanwhile, their notes (events) included. */
  writes: number
}

/** One growth of each a run. */
export interface ScaleOut {
  bridges: Growth[]
  deployment: Growth[]
}

/** What is scaled, and which Pods are its own. */
interface Scaled {
  object: KubeObject
  labels: string
}

const few = 3

/** Grows a fleet of bridges and a Deployment of the same Pods, in turn, from 3 to as many. */
export async function scaleOut(
  lab: Lab,
  { many, runs }: { many: number; runs: number },
): Promise<ScaleOut> {
  const { plane } = lab
  const jitsi = await makeJitsi(plane.client, 'scaled', {
    strategy: { type: 'static', replicas: few },
    ports: { count: 100 },
  })
  const [bridge] = await untilServing(lab, jitsi, { count: few })
  if (!bridge) throw new Error('there is no bridge')
  const deployment = await makeDeployment(plane, bridge.spec)
  const figures: ScaleOut = { bridges: [], deployment: [] }
  for (let run = 0; run < runs; run++) {
    figures.deployment.push(await growth(plane, deployment, many))
    figures.bridges.push(
      await growth(plane, { object: jitsi, labels: 'apps.jit.si/observe=jvb' }, many),
    )
  }
  return figures
}

const alike = { 'example.test/alike': 'yes' }

/** Of Pods like a bridge, but without a port of their own: one template can give only one. */
async function makeDeployment({ client }: ControlPlane, bridge: PodSpec): Promise<Scaled> {
  const namespace = 'scaled-alike'
  await makeNamespace(client, namespace)
  const { nodeName: _, restartPolicy: __, containers, ...spec } = bridge
  const template = {
    metadata: { labels: alike },
    spec: { ...spec, containers: containers.map(({ ports: ___, ...container }) => container) },
  }
  const object = await client.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'alike', namespace },
    spec: { replicas: few, selector: { matchLabels: alike }, template },
  })
  const scaled = { object, labels: 'example.test/alike=yes' }
  await untilThere(client, scaled, few)
  return scaled
}

/** Grows, measures, and shrinks again. */
async function growth(
  { client, auditLog }: ControlPlane,
  scaled: Scaled,
  many: number,
): Promise<Growth> {
  const { namespace } = scaled.object.metadata
  const began = Date.now()
  await scale(client, scaled.object, many)
  await untilThere(client, scaled, many)
  const writes = (await allWrites(auditLog)).filter(
    write => write.namespace === namespace && Date.parse(write.at) >= began,
  )
  const asked = writes.filter(({ subresource }) => subresource === 'scale').map(momentOf)
  const made = writes.filter(isPodMade).map(momentOf)
  await scale(client, scaled.object, few)
  await untilThere(client, scaled, few)
  const meanwhile = writes.filter(
    write => isController(write) && momentOf(write) <= Math.max(...made),
  )
  return { milliseconds: span(asked, made), writes: meanwhile.length }
}

const momentOf = ({ at }: AnyWrite) => Date.parse(at)

const isPodMade = ({ resource, subresource, verb }: AnyWrite) =>
  resource === 'pods' && verb === 'create' && subresource === undefined

const controllers: readonly string[] = [
  usernames.metacontroller,
  'system:serviceaccount:kube-system:deployment-controller',
  'system:serviceaccount:kube-system:replicaset-controller',
]
const isController = ({ username }: AnyWrite) => controllers.includes(username)

async function untilThere(
  client: ControlPlane['client'],
  { object, labels }: Scaled,
  count: number,
): Promise<void> {
  const { namespace = '' } = object.metadata
  const found = () => client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels })
  await until(`${count} Pods in ${namespace}`, async () => (await found()).length === count, {
    timeoutMs: 300_000,
    // A list of Pods is megabytes, and the API server has other things to do.
    everyMs: 1000,
  })
}
