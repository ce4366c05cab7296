import { hasEnded } from '../../kube/pod.ts'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { Bridge } from './bridge.ts'
import { clusterEdges } from './cluster-edges.ts'
import { type CompositeHooks, CompositeModel } from './composite-model.ts'
import { DecoratorModel } from './decorator-model.ts'
import { mayBeEvicted } from './eviction.ts'
import type { Fleet } from './fleet.ts'
import { KubeletModel } from './kubelet-model.ts'
import { NodesModel } from './nodes-model.ts'
import { ObjectStore } from './object-store.ts'
import { isOwned } from './owned.ts'
import { SchedulerModel } from './scheduler-model.ts'
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

const instanceLabel = 'app.kubernetes.io/instance'
/**
 * A cluster in memory and virtual time: the API server's objects, Metacontroller with our plan
 * and our observer, scheduler, kubelets, and the meetings of a fake fleet on the bridges.
 *
 * ```ts
 * const timeline = new Timeline()
 * const fleet = new Fleet({ seed: 7, timeline })
 * const cluster = new ClusterModel({ timeline, fleet, sync: (request, now) => … })
 * cluster.nodes.add({ name: 'worker-1', cpus: 8 })
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
  readonly nodes: NodesModel
  readonly #fleetOf: (object: KubeObject) => Fleet
  readonly #nodeChangedAt = new Map<string, number>()
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
    this.nodes = new NodesModel({
      timeline,
      store,
      kubelet: this.kubelet,
      remove: object => this.remove(object),
      evict: pod => this.evict(pod),
    })
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

  /**
   * Deletes as the API server does: a Pod that runs gets its grace period, children go with owners.
   */
  remove(object: KubeObject): void {
    const pod = object as Pod
    if (object.kind === 'Pod' && pod.spec.nodeName !== undefined && !hasEnded(pod)) {
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

  /** The eviction API; false if a PodDisruptionBudget forbids it. */
  evict(pod: Pod): boolean {
    const allowed = mayBeEvicted(pod, this.store)
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
}
