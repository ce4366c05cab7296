import type { NodeSelectorTerm, Taint, Toleration } from 'kubernetes-types/core/v1.js'
import { hasEnded } from '../../kube/pod.ts'
import { quantityValue } from '../../kube/quantity.ts'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { ObjectStore } from './object-store.ts'
import { meets } from './selector.ts'
import type { Timeline } from './timeline.ts'

/** A Node as the model uses it. */
export type Node = KubeObject & {
  spec: { unschedulable?: boolean; taints?: Taint[] }
  status: {
    allocatable: Record<string, string>
    addresses: { type: string; address: string }[]
    conditions: { type: string; status: string }[]
  }
}

type Filter = (pod: Pod, node: Node, placed: readonly Pod[]) => string | undefined

/**
 * Binds Pods to Nodes as kube-scheduler does as far as bridges care: node affinity and selector,
 * taints, cordons, host ports, CPU; the emptiest Node wins. A Pod that fits nowhere is told why in
 * the scheduler's words.
 */
export class SchedulerModel {
  readonly #store: ObjectStore
  readonly #timeline: Timeline
  #planned = false

  constructor(store: ObjectStore, timeline: Timeline) {
    this.#store = store
    this.#timeline = timeline
    store.watch(({ before, after }) => {
      const freed = before?.kind === 'Pod' && after === undefined
      if (freed || (after?.kind === 'Pod' && before === undefined) || after?.kind === 'Node') {
        this.#plan()
      }
    })
  }

  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    this.#timeline.in(0.3, () => {
      this.#planned = false
      const pods = this.#store.list('Pod') as Pod[]
      const waiting = pods.filter(
        ({ spec, metadata }) =>
          spec.nodeName === undefined &&
          metadata.deletionTimestamp === undefined &&
          (spec.schedulingGates ?? []).length === 0,
      )
      for (const pod of waiting) this.#schedule(pod)
    })
  }

  #schedule(pod: Pod): void {
    const pods = (this.#store.list('Pod') as Pod[]).filter(holdsNode)
    const nodes = (this.#store.list('Node') as Node[]).map(node => {
      const placed = pods.filter(({ spec }) => spec.nodeName === node.metadata.name)
      const refusal = filters.map(filter => filter(pod, node, placed)).find(why => why)
      return { node, refusal, used: cpuOf(placed), bridges: alike(pod, placed) }
    })
    const [best] = nodes
      .filter(({ refusal }) => refusal === undefined)
      .sort((a, b) => a.bridges - b.bridges || a.used - b.used || byName(a.node, b.node))
    if (best) this.#bind(pod, best.node)
    else
      this.#refuse(
        pod,
        nodes.map(({ refusal }) => refusal ?? ''),
      )
  }

  #bind(pod: Pod, node: Node): void {
    const startTime = `${this.#timeline.date.toISOString().slice(0, 19)}Z`
    this.#store.patch(pod, current => ({
      ...current,
      spec: { ...(current as Pod).spec, nodeName: node.metadata.name },
      status: {
        phase: 'Pending',
        startTime,
        conditions: [{ type: 'PodScheduled', status: 'True' }],
      },
    }))
  }

  #refuse(pod: Pod, refusals: readonly string[]): void {
    const counts = new Map<string, number>()
    for (const why of refusals) counts.set(why, (counts.get(why) ?? 0) + 1)
    const reasons = [...counts].map(([why, count]) => `${count} ${why}`).sort()
    const message = `0/${refusals.length} nodes are available: ${reasons.join(', ')}.`
    this.#store.patch(pod, current => ({
      ...current,
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
      },
    }))
  }
}

/** Does the Pod hold a place on its Node? One that ends does until it is gone. */
function holdsNode(pod: Pod): boolean {
  return pod.spec.nodeName !== undefined && !hasEnded(pod)
}

/** In the scheduler's order; the first refusal is the one that is told. */
const filters: readonly Filter[] = [
  (_pod, node) => (node.spec.unschedulable ? 'node(s) were unschedulable' : undefined),
  (pod, node) => {
    const taint = (node.spec.taints ?? []).find(
      taint => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations, taint),
    )
    return taint && `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  },
  (pod, node) =>
    fitsAffinity(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector",
  (pod, _node, placed) => {
    const held = new Set(placed.flatMap(hostPorts))
    const taken = hostPorts(pod).some(port => held.has(port))
    return taken ? "node(s) didn't have free ports for the requested pod ports" : undefined
  },
  (pod, node, placed) => {
    const free = (quantityValue(node.status.allocatable.cpu) ?? 0) - cpuOf(placed)
    return cpuOf([pod]) > free + 1e-9 ? 'Insufficient cpu' : undefined
  },
]

/** Does one of the tolerations bear the taint? */
export function tolerates(tolerations: readonly Toleration[] = [], taint: Taint): boolean {
  return tolerations.some(
    ({ key, operator = 'Equal', value, effect }) =>
      (key === undefined || key === taint.key) &&
      (effect === undefined || effect === taint.effect) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  )
}

function fitsAffinity({ spec }: Pod, { metadata }: Node): boolean {
  const { labels = {}, name } = metadata
  const terms: NodeSelectorTerm[] | undefined =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms?.some(
      ({ matchExpressions = [], matchFields = [] }) =>
        matchExpressions.every(requirement => meets(requirement, labels)) &&
        matchFields.every(requirement => meets(requirement, { 'metadata.name': name })),
    ) ??
      true)
  )
}

/** `protocol/port` of every port that the Pod holds on its Node. */
export function hostPorts({ spec }: Pod): string[] {
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .map(({ containerPort, hostPort, protocol = 'TCP' }) => {
      const port = hostPort ?? (spec.hostNetwork ? containerPort : undefined)
      return port === undefined ? '' : `${protocol}/${port}`
    })
    .filter(port => port !== '')
}

function cpuOf(pods: readonly Pod[]): number {
  const requests = pods.flatMap(({ spec }) =>
    spec.containers.map(({ resources }) => quantityValue(resources?.requests?.cpu) ?? 0),
  )
  return requests.reduce((sum, cpus) => sum + cpus, 0)
}

/** Pods of the same component on the Node: they are spread over Nodes if they can be. */
function alike(pod: Pod, placed: readonly Pod[]): number {
  const component = 'app.kubernetes.io/component'
  const own = pod.metadata.labels?.[component]
  return placed.filter(({ metadata }) => metadata.labels?.[component] === own).length
}

const byName = (a: Node, b: Node) => (a.metadata.name < b.metadata.name ? -1 : 1)
