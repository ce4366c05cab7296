import type { Node, PodSpec, PodStatus } from 'kubernetes-types/core/v1.js'
import type { BridgeFacts, JicofoFacts } from '../../src/api/facts.ts'
import type { SyncRequest, SyncResponse } from '../../src/api/metacontroller.ts'
import type { PlanInputs } from '../../src/core/plan.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import { canonicalJson } from '../../src/kube/hash.ts'
import { selectorLabels } from '../../src/kube/labels.ts'
import { nodeFacts } from '../../src/kube/node.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import { threeWayMerge } from '../cluster/stand-in/merge.ts'
import { earlier, inputs, object, objectMap } from './fixtures.ts'

/*
 * A cluster in a function: what Metacontroller would show the plan next, if it applied the answer,
 * and API server, scheduler, kubelets, load balancers and observer did their part at once.
 */

const lastApplied = 'metacontroller.k8s.io/last-applied-configuration'

/** A Linux node with a public address. */
export function node(name: string, address: string, spec: Node['spec'] = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name } },
    spec,
    status: {
      addresses: [{ type: 'ExternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}

export const threeNodes = [1, 2, 3].map(n => node(`node-${n}`, `203.0.113.${n}`))

/** Facts of a bridge that serves and is empty. */
export const servingFacts: BridgeFacts = {
  reachable: true,
  since: earlier,
  at: earlier,
  startupTime: 1,
  healthy: true,
  draining: false,
  shuttingDown: false,
  mucsJoined: 1,
  stress: 0.05,
  participants: 0,
  conferences: 0,
  emptySince: null,
  empty: false,
  endpointsTotal: 0,
  iceFailedTotal: 0,
  relayIceFailedTotal: 0,
}

/** Facts of a jicofo on which nobody meets. */
export const idleJicofo: JicofoFacts = {
  reachable: true,
  since: earlier,
  at: earlier,
  conferences: 0,
  participants: 0,
  operationalBridges: 1,
  emptySince: earlier,
}

/** Jicofo's Pod as the plan sees it: not a child, with facts. */
export function jicofoPod(
  instance: string,
  facts: Partial<JicofoFacts> = {},
  namespace = 'school',
): KubeObject {
  return object('Pod', `${instance}-jicofo-5f4d-x2`, {
    metadata: {
      namespace,
      labels: { ...selectorLabels(instance, 'jicofo'), [label.observe]: 'jicofo' },
      annotations: { [annotation.facts]: JSON.stringify({ ...idleJicofo, ...facts }) },
    },
    spec: { containers: [] },
  })
}

/** An object as the API server keeps it after Metacontroller applied `desired` over what was there. */
export function applied(desired: KubeObject, parent: KubeObject, before?: KubeObject): KubeObject {
  const wanted = asMetacontrollerWants(desired, parent)
  if (before?.metadata.deletionTimestamp) return before
  const annotations = before?.metadata.annotations?.[lastApplied]
  const merged = before
    ? (threeWayMerge(before, annotations && JSON.parse(annotations), wanted) as KubeObject)
    : wanted
  const written = before && canonicalJson(merged) === canonicalJson(before)
  const generation = written ? before.metadata.generation : (before?.metadata.generation ?? 0) + 1
  return {
    ...merged,
    ...(before?.status === undefined ? {} : { status: before.status }),
    metadata: {
      ...merged.metadata,
      uid: `uid-of-${desired.kind}-${desired.metadata.name}`,
      creationTimestamp: earlier,
      ...(generation ? { generation } : {}),
      annotations: { ...merged.metadata.annotations, [lastApplied]: canonicalJson(wanted) },
    },
  }
}

/** Metacontroller says the namespace and, by generateSelector, whose child it is. */
function asMetacontrollerWants(desired: KubeObject, parent: KubeObject): KubeObject {
  const wanted = structuredClone(desired)
  const { namespace = parent.metadata.namespace ?? 'default', labels } = wanted.metadata
  const owner = { 'controller-uid': parent.metadata.uid ?? '' }
  return { ...wanted, metadata: { ...wanted.metadata, namespace, labels: { ...owner, ...labels } } }
}

/** What the plan is asked next, when the cluster has done all that the answer says. */
export function observe(
  request: SyncRequest,
  answer: SyncResponse,
  nodes: readonly KubeObject[] = threeNodes,
): SyncRequest {
  const before = childrenOf(request)
  const wanted = answer.children.map(child =>
    applied(child, request.parent, before.get(identity(child))),
  )
  const gone = [...before.values()].filter(
    ({ metadata, kind }) =>
      metadata.deletionTimestamp &&
      !wanted.some(child => identity(child) === `${kind}/${metadata.name}`),
  )
  const children: KubeObject[] = []
  for (const [index, child] of [...wanted, ...gone].entries()) {
    children.push(running(child, { index, nodes, others: [...wanted, ...children] }))
  }
  return {
    ...request,
    parent: { ...request.parent, status: structuredClone(answer.status) },
    children: objectMap(children),
  }
}

export function childrenOf({ children }: SyncRequest): Map<string, KubeObject> {
  const all = Object.values(children).flatMap(group => Object.values(group))
  return new Map(all.map(child => [identity(child), child]))
}

export const identity = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`

interface Surroundings {
  index: number
  nodes: readonly KubeObject[]
  others: readonly KubeObject[]
}

/** The object with what the rest of Kubernetes adds to it. */
function running(child: KubeObject, around: Surroundings): KubeObject {
  if (child.metadata.deletionTimestamp) return child
  if (child.kind === 'Deployment') return runningDeployment(child)
  if (child.kind === 'Service') return runningService(child, around.index)
  return child.kind === 'Pod' ? runningPod(child as Pod, around) : child
}

function runningDeployment(child: KubeObject): KubeObject {
  const { replicas = 1 } = child.spec as { replicas?: number }
  const observedGeneration = child.metadata.generation
  const status = {
    observedGeneration,
    replicas,
    availableReplicas: replicas,
    updatedReplicas: replicas,
  }
  return { ...child, status }
}

function runningService(child: KubeObject, index: number): KubeObject {
  const spec = child.spec as { type?: string; ports: { nodePort?: number }[] }
  if (spec.type === 'NodePort') {
    const ports = spec.ports.map(port => ({ nodePort: 30_000 + index, ...port }))
    return { ...child, spec: { ...spec, ports } }
  }
  if (spec.type !== 'LoadBalancer') return child
  return { ...child, status: { loadBalancer: { ingress: [{ ip: '198.51.100.10' }] } } }
}

function runningPod(pod: Pod, { nodes, others }: Surroundings): KubeObject {
  const { nodeName = scheduled(pod, others, nodes), ...spec } = pod.spec
  const home = nodes.find(({ metadata }) => metadata.name === nodeName)
  if (!nodeName || !home) return { ...pod, status: unschedulable }
  const draining = pod.metadata.annotations?.[annotation.intent] === 'drain'
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: {
        ...pod.metadata.annotations,
        [annotation.node]: JSON.stringify(nodeFacts(nodeName, home as unknown as Node)),
        [annotation.facts]: JSON.stringify({ ...servingFacts, draining }),
      },
    },
    spec: { ...spec, nodeName },
    status: { phase: 'Running', startTime: earlier },
  }
}

const unschedulable: PodStatus = {
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      message:
        "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.",
    },
  ],
}

/** Of the nodes that the Pod may run on and where its host ports are free, the emptiest. */
function scheduled(pod: Pod, others: readonly KubeObject[], nodes: readonly KubeObject[]) {
  const pinnedTo = pod.metadata.annotations?.[annotation.pinnedTo]
  const wanted = hostPorts(pod.spec)
  const podsOn = (name: string) =>
    others.filter(({ kind, spec }) => kind === 'Pod' && (spec as PodSpec).nodeName === name)
  const fits = ({ metadata: { name } }: KubeObject) =>
    (pinnedTo === undefined || pinnedTo === name) &&
    !podsOn(name).some(other => hostPorts((other as Pod).spec).some(port => wanted.includes(port)))
  const crowd = ({ metadata: { name } }: KubeObject) => podsOn(name).length
  return nodes.filter(fits).sort((a, b) => crowd(a) - crowd(b))[0]?.metadata.name
}

export const hostPorts = ({ containers }: PodSpec): number[] =>
  containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort ?? []))

/** Longer, and the plan does not come to rest. */
const mostRounds = 12

/** The last request and answer once the answer repeats itself. */
export function settle(
  first: SyncRequest,
  {
    nodes = threeNodes,
    using = inputs,
  }: { nodes?: readonly KubeObject[]; using?: PlanInputs } = {},
): { request: SyncRequest; answer: SyncResponse; rounds: number } {
  let request = first
  let before = ''
  for (let rounds = 1; rounds <= mostRounds; rounds += 1) {
    const { response: answer } = reconcile(request, using)
    if (canonicalJson(answer) === before) return { request, answer, rounds }
    before = canonicalJson(answer)
    request = observe(request, answer, nodes)
  }
  throw new Error(`the answer changes at each of ${mostRounds} calls`)
}
