import { autoscaledFleet, type Surroundings } from './autoscaled-fleet.ts'
import type { Lab } from './jitsi-lab.ts'
import { referenceTo } from './kube-client.ts'
import { until } from './until.ts'

const pool = { 'example.org/pool': 'tight' }
const taint = { key: 'example.org/tight', effect: 'NoExecute' }
const size = { cpu: '100m', memory: '64Mi' }
const node = { apiVersion: 'v1', kind: 'Node', name: 'node-7' }
const priorityClassName = 'overprovisioning'

/**
 * Two bridges and a placeholder fill a node. A third bridge finds no room, so it takes that of the
 * placeholder; switched off, the placeholders are gone.
 */
export async function makesWay(surroundings: Surroundings): Promise<void> {
  const { lab, namespace } = surroundings
  const { client } = lab.plane
  const it = await autoscaledFleet(
    surroundings,
    { metric: { source: 'stress' }, overprovisioning: { replicas: 1, priorityClassName } },
    {
      resources: { requests: size, limits: size },
      nodeSelector: pool,
      tolerations: [{ key: taint.key, operator: 'Exists' }],
    },
  )
  const placeholder = (phase: string) =>
    until(`a placeholder that is ${phase}`, async () => {
      const labels = 'app.kubernetes.io/component=overprovisioning'
      const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels })
      return pods.some(({ status }) => (status as { phase?: string })?.phase === phase)
    })
  await placeholder('Running')
  const jitsi = referenceTo(it.jitsi)
  await client.patch(jitsi, { spec: { jvb: { strategy: { minReplicas: 3 } } } })
  await it.serving(3)
  await placeholder('Pending')
  await client.patch(jitsi, { spec: { jvb: { autoscaling: { overprovisioning: null } } } })
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'meet-overprovisioning' }
  await until('no placeholder', async () => !(await client.find({ ...deployment, namespace })))
}

/**
 * A PriorityClass, and a node for three Pods of a bridge's size. The taint sends away what is there:
 * the Pod of the operator itself, when the scheduler happened to choose this node.
 */
export async function furnishTightNode({ plane }: Lab): Promise<void> {
  const { client } = plane
  await client.create({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: priorityClassName },
    value: -10,
  })
  await client.patch(node, { metadata: { labels: pool }, spec: { taints: [taint] } })
  await client.patch(node, { status: { allocatable: { cpu: '300m' } } }, 'status')
  await until(`${node.name} without Pods`, async () => {
    const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' })
    return pods.every(({ spec }) => (spec as { nodeName?: string }).nodeName !== node.name)
  })
}
