import type { Taint } from 'kubernetes-types/core/v1.js'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { KubeletModel } from './kubelet-model.ts'
import type { ObjectStore } from './object-store.ts'
import { type Node, tolerates } from './scheduler-model.ts'
import type { Timeline } from './timeline.ts'

export interface NodeShape {
  name: string
  cpus?: number
  labels?: Record<string, string>
  externalIP?: string
  internalIP?: string
}

interface NodesSettings {
  timeline: Timeline
  store: ObjectStore
  kubelet: KubeletModel
  /** Deletes as the API server does. */
  remove: (object: KubeObject) => void
  /** Asks the eviction API. */
  evict: (pod: Pod) => boolean
}

/** Seconds that a Pod bears a silent Node if it does not say otherwise. */
const usualToleration = 300

const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }

/** Machines that come and go, are cordoned, tainted and drained, fall silent and die. */
export class NodesModel {
  readonly #settings: NodesSettings
  /** No node gets the addresses of one that is gone: a bridge of that one may still be listed. */
  #made = 0

  constructor(settings: NodesSettings) {
    this.#settings = settings
  }

  add({ name, cpus = 8, labels = {}, externalIP, internalIP }: NodeShape): void {
    const number = ++this.#made
    this.#settings.store.create({
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
    this.#settings.kubelet.cutOff(name, on)
    this.taint(name, unreachable, on)
    this.#changeNode(name, node => ({
      ...node,
      status: { ...node.status, conditions: [{ type: 'Ready', status: on ? 'Unknown' : 'True' }] },
    }))
    if (on) this.#evictIntolerant(name)
  }

  /** The machine dies; its Node object stays until somebody removes it. */
  fail(name: string): void {
    this.#settings.kubelet.loseNode(name)
    this.#settings.timeline.in(40, () => {
      if (this.#settings.store.get('Node', name)) this.notReady(name)
    })
  }

  /** The machine and its Node object are gone; the Pods' objects follow. */
  remove(name: string): void {
    this.#settings.kubelet.loseNode(name)
    const node = this.#settings.store.get('Node', name)
    if (node) this.#settings.store.remove(node)
    this.#settings.timeline.in(40, () => {
      for (const pod of this.#podsOn(name)) this.#settings.store.remove(pod)
    })
  }

  /**
   * The Node object is gone, and after so many seconds the kubelet registers it anew, as one that
   * nobody has cordoned; what runs there goes on. So it is where a cloud's controller takes a
   * machine without network for one that was deleted.
   */
  registerAnew(name: string, seconds: number): void {
    const { store, timeline } = this.#settings
    const node = this.#nodeCalled(name)
    store.remove(node)
    const { kind, apiVersion, status } = node
    const { labels = {} } = node.metadata
    const metadata = { name, labels }
    timeline.in(seconds, () => {
      store.create({ apiVersion, kind, metadata, spec: {}, status })
    })
  }

  /**
   * `kubectl drain`: cordon, then ask for each eviction again and again until the Pods are gone.
   */
  drain(name: string): void {
    this.cordon(name)
    const found = new Set(this.#podsOn(name).map(({ metadata }) => metadata.uid))
    const turn = () => {
      const left = this.#podsOn(name).filter(({ metadata }) => found.has(metadata.uid))
      for (const pod of left) if (!pod.metadata.deletionTimestamp) this.#settings.evict(pod)
      if (left.length > 0) this.#settings.timeline.in(5, turn)
    }
    turn()
  }

  #podsOn(node: string): Pod[] {
    return (this.#settings.store.list('Pod') as Pod[]).filter(({ spec }) => spec.nodeName === node)
  }

  #changeNode(name: string, change: (node: Node) => Node): void {
    this.#settings.store.patch(this.#nodeCalled(name), current => change(current as Node))
  }

  #nodeCalled(name: string): Node {
    const node = this.#settings.store.get('Node', name) as Node | undefined
    if (node === undefined) throw new Error(`there is no Node ${name}`)
    return node
  }

  /** Pods that do not bear an unreachable Node are deleted, which only its kubelet could end. */
  #evictIntolerant(name: string): void {
    for (const pod of this.#podsOn(name)) {
      const borne = (pod.spec.tolerations ?? []).filter(one => tolerates([one], unreachable))
      if (borne.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) continue
      const seconds = Math.min(...borne.map(one => one.tolerationSeconds ?? 0), usualToleration)
      this.#settings.timeline.in(seconds, () => {
        const node = this.#settings.store.get('Node', name) as Node | undefined
        if (node?.spec.taints?.some(({ key }) => key === unreachable.key))
          this.#settings.remove(pod)
      })
    }
  }
}
