import type { Pod } from '../kube/types.ts'
import type { ClusterModel } from './fleet/cluster-model.ts'
import type { Sizes } from './sizes.ts'

/** Seconds between two looks of the cluster autoscaler. */
const look = 10

/**
 * The cluster autoscaler: a node for each Pod that finds no place, some minutes later, and none
 * that stayed empty for long.
 */
export class NodePool {
  readonly #cluster: ClusterModel
  readonly #sizes: Sizes
  readonly #emptySince = new Map<string, number>()
  readonly #readyAt = new Map<string, number>()
  #coming = 0
  #made = 0

  constructor(cluster: ClusterModel, sizes: Sizes) {
    this.#cluster = cluster
    this.#sizes = sizes
    for (let node = 0; node < sizes.minReplicas; node++) this.#add()
    cluster.timeline.in(look, () => this.#look())
  }

  /** A new node has to pull the image first. */
  pullSeconds({ spec }: Pod): number {
    const readyAt = this.#readyAt.get(spec.nodeName ?? '') ?? 0
    const isNew = this.#cluster.timeline.seconds - readyAt < 30
    return isNew ? this.#sizes.pullSeconds : 2
  }

  #add(): void {
    const name = `node-${++this.#made}`
    this.#cluster.nodes.add({ name, cpus: this.#sizes.cpus })
    this.#readyAt.set(name, this.#cluster.timeline.seconds)
  }

  #look(): void {
    const { timeline } = this.#cluster
    const pods = this.#cluster.bridgePods
    const waiting = pods.filter(({ spec, status }) => !spec.nodeName && status?.conditions).length
    for (; this.#coming < waiting; this.#coming++) {
      timeline.in(this.#sizes.nodeSeconds, () => {
        this.#coming--
        this.#add()
      })
    }
    const used = new Set(pods.map(({ spec }) => spec.nodeName))
    for (const { metadata } of this.#cluster.store.list('Node')) this.#judge(metadata.name, used)
    timeline.in(look, () => this.#look())
  }

  #judge(node: string, used: ReadonlySet<string | undefined>): void {
    const now = this.#cluster.timeline.seconds
    if (used.has(node)) this.#emptySince.delete(node)
    else if (!this.#emptySince.has(node)) this.#emptySince.set(node, now)
    const since = this.#emptySince.get(node) ?? now
    if (now - since < this.#sizes.emptyNodeSeconds) return
    this.#emptySince.delete(node)
    this.#cluster.nodes.remove(node)
  }
}
