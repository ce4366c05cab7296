import type { Taint } from 'kubernetes-types/core/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { Bridge } from './bridge.ts'
import { clusterEdges } from './cluster-edges.ts'
import { type CompositeHooks, CompositeModel, isOwned } from './composite-model.ts'
import { DecoratorModel } from './decorator-model.ts'
import type { Fleet } from './fleet.ts'
import { KubeletModel } from './kubelet-model.ts'
import { ObjectStore } from './object-store.ts'
import { type Node, SchedulerModel, tolerates } from './scheduler-model.ts'
import { type Selector, selects } from './selector.ts'
import type { Timeline } from './timeline.ts'
import { WorkloadModel } from './workload-model.ts'

export interface ClusterOptions extends CompositeHooks {
  /** The meetings of all Jitsis, or of each by its name. */
  fleet: Fleet | ((instance: string) => Fleet)
  timeline: Timeline
  /** How many changes old the children of the next request are; none by default. */
  staleness?: () => number
  /** Seconds from the binding of a Pod to the start of its containers; 5 by default. */
  pullSeconds?: (pod: Pod) => number
  loadBalancerSeconds?: number
  resyncPeriodSeconds?: number
}

export interface NodeShape {
  name: string
  cpus?: number
  labels?: Record<string, string>
  externalIP?: string
  internalIP?: string
}

const instanceLabel = 'app.kubernetes.io/instance'
/** Seconds that a Pod bears a silent Node if it does not say otherwise. */
const usualToleration = 300

/**
 * A cluster in memory and virtual time: the API server's objects, Metacontroller with our plan
 * and our observer, scheduler, kubelets, and the meetings of a fake fleet on the bridges.
 *
 * ```ts
 * const timeline = new Timeline()
 * const fleet = new Fleet({ seed: 7, timeline })
 * const cluster = new ClusterModel({ timeline, fleet, sync: (request, now) => … })
 * cluster.addNode({ name: 'worker-1', cpus: 8 })
 * cluster.apply(jitsi)
 * await cluster.run(600)
 * ```
 */
export class ClusterModel {
  readonly timeline: Timeline
  readonly store: ObjectStore
  readonly composite: CompositeModel
  readonly decorator: DecoratorModel
  readonly kubelet: KubeletModel
  readonly workloads: WorkloadModel
  readonly #fleetOf: (object: KubeObject) => Fleet
  readonly #nodeChangedAt = new Map<string, number>()
  /** No node gets the addresses of one that is gone: a bridge of that one may still be listed. */
  #nodesMade = 0

  constructor(options: ClusterOptions) {
    const { timeline, fleet } = options
    const store = new ObjectStore(timeline)
    this.timeline = timeline
    this.store = store
    this.#fleetOf = ({ metadata }) =>
      typeof fleet === 'function' ? fleet(metadata.labels?.[instanceLabel] ?? '') : fleet
    const fleetOf = this.#fleetOf
    store.watch(({ before, after }) => {
      const node = after ?? before
      if (node?.kind === 'Node') this.#nodeChangedAt.set(node.metadata.name, timeline.seconds)
    })
    new SchedulerModel(store, timeline)
    const pullSeconds = options.pullSeconds ?? (() => 5)
    this.kubelet = new KubeletModel({ timeline, store, fleetOf, pullSeconds })
    const loadBalancerSeconds = options.loadBalancerSeconds ?? 30
    this.workloads = new WorkloadModel({ timeline, store, fleetOf, loadBalancerSeconds })
    this.composite = new CompositeModel({
      timeline,
      store,
      hooks: options,
      remove: object => this.remove(object),
      staleness: options.staleness ?? (() => 0),
      resyncPeriodSeconds: options.resyncPeriodSeconds ?? 60,
    })
    const bridgeOf = (pod: KubeObject) => this.kubelet.bridgeOf(pod)
    this.decorator = new DecoratorModel({
      timeline,
      store,
      edges: clusterEdges({ timeline, store, fleetOf, bridgeOf }),
      changedAt: pod =>
        Math.max(
          bridgeOf(pod)?.changedAt ?? timeline.seconds,
          this.#nodeChangedAt.get(pod.spec.nodeName ?? '') ?? 0,
        ),
    })
    timeline.in(0, () => this.composite.start())
  }

  /** Lets so much time pass. */
  run(seconds: number): Promise<void> {
    return this.timeline.run(seconds)
  }

  /* Objects */

  /** Creates an object, or replaces the spec and labels of the one of its name. */
  apply(object: KubeObject): void {
    const { metadata } = object
    const current = this.store.get(object.kind, metadata.name, metadata.namespace)
    if (current === undefined) this.store.create(object)
    else {
      this.store.patch(current, now => ({
        ...now,
        ...object,
        metadata: { ...now.metadata, ...metadata },
        status: now.status,
      }))
    }
  }

  /** `kubectl scale jitsi`, or an autoscaler: writes spec.jvb.strategy.replicas. */
  scale(name: string, replicas: number): void {
    const jitsi = this.store.get('Jitsi', name)
    if (jitsi === undefined) throw new Error(`there is no Jitsi ${name}`)
    const spec = jitsi.spec as { jvb?: { strategy?: object } }
    const strategy = { ...spec.jvb?.strategy, replicas }
    this.apply({ ...jitsi, spec: { ...spec, jvb: { ...spec.jvb, strategy } } })
  }

  /** Deletes as the API server does: a Pod that runs gets its grace period, children go with owners. */
  remove(object: KubeObject): void {
    const pod = object as Pod
    const phase = pod.status?.phase
    const ended = phase === 'Failed' || phase === 'Succeeded'
    if (object.kind === 'Pod' && pod.spec.nodeName !== undefined && !ended) {
      const seconds = pod.spec.terminationGracePeriodSeconds ?? 30
      const end = new Date(this.timeline.date.getTime() + seconds * 1000)
      const deletionTimestamp = `${end.toISOString().slice(0, 19)}Z`
      this.store.patch(object, current => ({
        ...current,
        metadata: { deletionTimestamp, ...current.metadata },
      }))
      return
    }
    this.store.remove(object)
    for (const child of this.store.list()) if (isOwned(child, object)) this.remove(child)
  }

  get bridgePods(): Pod[] {
    const pods = this.store.list('Pod') as Pod[]
    return pods.filter(({ metadata }) => metadata.labels?.['apps.jit.si/observe'] === 'jvb')
  }

  pod(name: string): Pod {
    const pod = this.store.get('Pod', name) as Pod | undefined
    if (pod === undefined) throw new Error(`there is no Pod ${name}`)
    return pod
  }

  bridge(name: string): Bridge | undefined {
    return this.kubelet.bridgeOf(this.pod(name))
  }

  get jitsis(): KubeObject[] {
    return this.store.list('Jitsi')
  }

  /* Nodes */

  addNode({ name, cpus = 8, labels = {}, externalIP, internalIP }: NodeShape): void {
    const number = ++this.#nodesMade
    this.store.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name, ...labels },
      },
      spec: {},
      status: {
        allocatable: { cpu: String(cpus) },
        addresses: [
          { type: 'InternalIP', address: internalIP ?? `10.0.0.${number}` },
          { type: 'ExternalIP', address: externalIP ?? `203.0.113.${number}` },
        ],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    })
  }

  cordon(name: string, on = true): void {
    this.#changeNode(name, node => ({ ...node, spec: { ...node.spec, unschedulable: on } }))
  }

  /** Adds a taint, or removes that of the key. */
  taint(name: string, taint: Taint, on = true): void {
    this.#changeNode(name, node => {
      const others = (node.spec.taints ?? []).filter(({ key }) => key !== taint.key)
      return { ...node, spec: { ...node.spec, taints: on ? [...others, taint] : others } }
    })
  }

  relabel(name: string, labels: Record<string, string>): void {
    this.#changeNode(name, node => ({ ...node, metadata: { ...node.metadata, labels } }))
  }

  /** The kubelet falls silent, or speaks again; what runs goes on. */
  notReady(name: string, on = true): void {
    this.kubelet.cutOff(name, on)
    this.taint(name, unreachable, on)
    this.#changeNode(name, node => ({
      ...node,
      status: { ...node.status, conditions: [{ type: 'Ready', status: on ? 'Unknown' : 'True' }] },
    }))
    if (on) this.#evictIntolerant(name)
  }

  /** The machine dies; its Node object stays until somebody removes it. */
  failNode(name: string): void {
    this.kubelet.loseNode(name)
    this.timeline.in(40, () => {
      if (this.store.get('Node', name)) this.notReady(name)
    })
  }

  /** The machine and its Node object are gone; the Pods' objects follow. */
  removeNode(name: string): void {
    this.kubelet.loseNode(name)
    const node = this.store.get('Node', name)
    if (node) this.store.remove(node)
    this.timeline.in(40, () => {
      for (const pod of this.#podsOn(name)) this.store.remove(pod)
    })
  }

  /** `kubectl drain`: cordon, then ask for each eviction again and again until the Pods are gone. */
  drainNode(name: string): void {
    this.cordon(name)
    const found = new Set(this.#podsOn(name).map(({ metadata }) => metadata.uid))
    const turn = () => {
      const left = this.#podsOn(name).filter(({ metadata }) => found.has(metadata.uid))
      for (const pod of left) if (!pod.metadata.deletionTimestamp) this.evict(pod)
      if (left.length > 0) this.timeline.in(5, turn)
    }
    turn()
  }

  /** The eviction API; false if a PodDisruptionBudget forbids it. */
  evict(pod: Pod): boolean {
    const budgets = this.store
      .list('PodDisruptionBudget')
      .filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
      .map(budget => budget as unknown as PodDisruptionBudget)
      .filter(({ spec }) => selects(spec?.selector as Selector, pod.metadata.labels))
    const pods = (this.store.list('Pod') as Pod[]).filter(isHealthy)
    const allowed = budgets.every(({ spec }) => {
      const selected = pods.filter(({ metadata }) =>
        selects(spec?.selector as Selector, metadata.labels),
      )
      const always = spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' && !isHealthy(pod)
      return always || selected.length > Number(spec?.minAvailable ?? 0)
    })
    if (allowed) this.remove(pod)
    return allowed
  }

  /** The kubelet ends the Pod by force: memory or disk of its Node ran out. */
  failPod(name: string): void {
    const pod = this.pod(name)
    const bridge = this.kubelet.bridgeOf(pod)
    if (bridge?.process === 'Running') this.#fleetOf(pod).loseBridge(bridge.name)
    const status = { ...pod.status, phase: 'Failed', reason: 'Evicted' }
    this.store.patch(pod, current => ({ ...current, status }))
  }

  #podsOn(node: string): Pod[] {
    return (this.store.list('Pod') as Pod[]).filter(({ spec }) => spec.nodeName === node)
  }

  #changeNode(name: string, change: (node: Node) => Node): void {
    const node = this.store.get('Node', name)
    if (node === undefined) throw new Error(`there is no Node ${name}`)
    this.store.patch(node, current => change(current as Node))
  }

  /** Pods that do not bear an unreachable Node are deleted, which only its kubelet could end. */
  #evictIntolerant(name: string): void {
    for (const pod of this.#podsOn(name)) {
      const borne = (pod.spec.tolerations ?? []).filter(one => tolerates([one], unreachable))
      if (borne.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) continue
      const seconds = Math.min(...borne.map(one => one.tolerationSeconds ?? 0), usualToleration)
      this.timeline.in(seconds, () => {
        const node = this.store.get('Node', name) as Node | undefined
        if (node?.spec.taints?.some(({ key }) => key === unreachable.key)) this.remove(pod)
      })
    }
  }
}

const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }

function isHealthy({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  )
  return metadata.deletionTimestamp === undefined && ready === true
}
