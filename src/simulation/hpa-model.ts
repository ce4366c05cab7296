import { behaviorOf } from '../autoscaling/behavior.ts'
import { type HpaSpec, noMemory, recommend } from '../autoscaling/hpa.ts'
import type { Figure } from '../autoscaling/proposal.ts'
import type { Memory } from '../autoscaling/scaling-rules.ts'
import { label } from '../kube/annotations.ts'
import type { KubeObject, Pod } from '../kube/types.ts'
import type { ClusterModel } from './fleet/cluster-model.ts'

/** Seconds between two rounds of the controller. */
const round = 15

/** How old the figures of metrics-server are: scraped every 15 s, over a window. */
const lag = 30

interface Autoscaler extends KubeObject {
  spec: {
    scaleTargetRef: { name: string }
    minReplicas: number
    maxReplicas: number
    metrics: { containerResource: { target: { averageUtilization: number } } }[]
    behavior: Record<string, unknown>
  }
}

/** kube-controller-manager's HPA controller, for HPAs by CPU on the scale field of a Jitsi. */
export class HpaModel {
  readonly #cluster: ClusterModel
  readonly #memories = new Map<string, Memory>()

  constructor(cluster: ClusterModel) {
    this.#cluster = cluster
    cluster.timeline.in(round, () => this.#round())
  }

  #round(): void {
    for (const object of this.#cluster.store.list('HorizontalPodAutoscaler')) {
      this.#reconcile(object as Autoscaler)
    }
    this.#cluster.timeline.in(round, () => this.#round())
  }

  #reconcile(autoscaler: Autoscaler): void {
    const { spec, metadata } = autoscaler
    const cluster = this.#cluster
    const [metric] = spec.metrics
    const jitsi = cluster.store.get('Jitsi', spec.scaleTargetRef.name)
    const { jvb } = (jitsi?.spec ?? {}) as { jvb?: { strategy?: { replicas?: number } } }
    const current = jvb?.strategy?.replicas ?? 1
    const figures = this.#figures()
    const hpa: HpaSpec = {
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      target: metric?.containerResource.target.averageUtilization ?? 80,
      behavior: behaviorOf({ behavior: spec.behavior }),
    }
    const memory = this.#memories.get(metadata.name) ?? noMemory
    const next = recommend({ now: cluster.timeline.date, current, figures }, hpa, memory)
    this.#memories.set(metadata.name, next.memory)
    if (next.desired !== current) cluster.scale(spec.scaleTargetRef.name, next.desired)
    const active = { type: 'ScalingActive', status: next.mean === undefined ? 'False' : 'True' }
    cluster.store.patch(autoscaler, object => ({
      ...object,
      status: { currentReplicas: current, desiredReplicas: next.desired, conditions: [active] },
    }))
  }

  /** Use of CPU in per cent of the request, which is the limit; 90 % of it is a stress of 1. */
  #figures(): Figure[] {
    const now = this.#cluster.timeline.seconds
    return this.#cluster.bridgePods.filter(isCounted).map(pod => {
      const bridge = this.#cluster.kubelet.bridgeOf(pod)
      if (!bridge || now - bridge.startedAt < 2 * lag) return 'starting'
      return Math.min(100, Math.round(bridge.measuredStress(now - lag) * 90))
    })
  }
}

const isCounted = ({ metadata }: Pod) =>
  metadata.labels?.[label.counted] === 'true' && metadata.deletionTimestamp === undefined
