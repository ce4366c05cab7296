import { annotation, label } from '../../kube/annotations.ts'
import { quantityValue } from '../../kube/quantity.ts'
import type { KubeObject, Pod } from '../../kube/types.ts'
import { passwordRead } from './account.ts'
import type { Bridge } from './bridge.ts'
import type { Fleet } from './fleet.ts'
import type { ObjectStore } from './object-store.ts'
import { preStop } from './pre-stop.ts'
import type { Timeline } from './timeline.ts'

export interface KubeletSettings {
  timeline: Timeline
  store: ObjectStore
  /** Whose meetings the bridges of a Pod carry. */
  fleetOf: (pod: KubeObject) => Fleet
  /** Seconds from the binding of a Pod to the start of its first container. */
  pullSeconds: (pod: Pod) => number
}

/** Seconds at the end of the grace period in which the bridge leaves its rooms. */
const farewell = 60

/**
 * Starts and stops what Pods contain: pulls, waits in the init container for the address, runs the
 * bridge in the fleet, and when the Pod is deleted plays the preStop script: drain, wait until
 * nobody is on it or the deadline, then SIGTERM; SIGKILL at the end of the grace period.
 */
export class KubeletModel {
  readonly #settings: KubeletSettings
  readonly #bridges = new Map<string, Bridge>()
  /** Uids of Pods whose containers run, or will in a moment. */
  readonly #begun = new Set<string>()
  readonly #stopping = new Set<string>()
  /** Names of Pods that do not go away after their end. */
  readonly hanging = new Set<string>()
  /** Nodes whose kubelet does nothing any more. */
  readonly deadNodes = new Set<string>()
  /** Nodes whose kubelet hears nothing from the API server; what runs there goes on. */
  readonly #cutOff = new Set<string>()
  #addresses = 0

  constructor(settings: KubeletSettings) {
    this.#settings = settings
    settings.store.watch(({ before, after }) => {
      const pod = (after ?? before) as Pod | undefined
      if (pod?.kind !== 'Pod') return
      if (after !== undefined) this.#attend(pod)
      else if (!this.#isDead(pod)) this.#kill(pod)
    })
  }

  #attend(pod: Pod): void {
    const { nodeName } = pod.spec
    if (nodeName === undefined || this.#isDead(pod) || this.#cutOff.has(nodeName)) return
    if (pod.metadata.deletionTimestamp) this.#stop(pod)
    else this.#start(pod)
  }

  /** The Node's kubelet hears nothing any more, or again. */
  cutOff(name: string, on: boolean): void {
    if (on) this.#cutOff.add(name)
    else this.#cutOff.delete(name)
    for (const pod of this.#settings.store.list('Pod') as Pod[]) {
      if (pod.spec.nodeName === name) this.#attend(pod)
    }
  }

  /** The bridge that runs in a Pod. */
  bridgeOf(pod: KubeObject): Bridge | undefined {
    return this.#bridges.get(pod.metadata.uid ?? '')
  }

  /** All processes of a Node end at once, and nobody says farewell. */
  loseNode(name: string): void {
    this.deadNodes.add(name)
    const pods = this.#settings.store.list('Pod') as Pod[]
    for (const pod of pods) if (pod.spec.nodeName === name) this.#kill(pod)
  }

  #current(pod: Pod): Pod | undefined {
    const { uid } = pod.metadata
    const pods = this.#settings.store.list('Pod') as Pod[]
    return pods.find(({ metadata }) => metadata.uid === uid)
  }

  #start(pod: Pod): void {
    const { uid = '' } = pod.metadata
    if (this.#begun.has(uid)) return
    this.#begun.add(uid)
    this.#settings.timeline.in(this.#settings.pullSeconds(pod), () => this.#waitForAddress(pod))
  }

  /** The init container reads address and region every two seconds from its volume. */
  #waitForAddress(pod: Pod): void {
    const current = this.#current(pod)
    if (!current || current.metadata.deletionTimestamp || this.#isDead(current)) return
    const script = (current.spec.initContainers ?? [])
      .filter(({ name }) => name === 'wait-for-address')
      .flatMap(({ command = [] }) => command)
      .join()
    const lacks = (['advertise', 'region'] as const).some(
      file => script.includes(`/${file} `) && !current.metadata.annotations?.[annotation[file]],
    )
    if (lacks) {
      this.#settings.timeline.in(2, () => this.#waitForAddress(pod))
    } else this.#run(current)
  }

  #run(pod: Pod): void {
    const address = pod.spec.hostNetwork ? this.#nodeAddress(pod) : this.#nextAddress()
    if (pod.metadata.labels?.[label.observe] === 'jvb') this.#runBridge(pod)
    const containerStatuses = pod.spec.containers.map(({ name }) => ({
      name,
      ready: false,
      state: { running: {} },
    }))
    this.#status(pod, { phase: 'Running', podIP: address, containerStatuses })
    this.#settings.timeline.in(10, () => {
      if (this.#isDead(pod)) return
      const conditions = [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True' },
      ]
      const ready = containerStatuses.map(status => ({ ...status, ready: true }))
      this.#status(pod, { conditions, containerStatuses: ready })
    })
  }

  #runBridge(pod: Pod): void {
    const [container] = pod.spec.containers
    const cpus = quantityValue(container?.resources?.limits?.cpu)
    const bridge = this.#settings.fleetOf(pod).addBridge({
      name: pod.metadata.name,
      version: container?.image?.split(':').at(-1) ?? 'latest',
      ...(cpus && { cpus }),
      password: passwordRead(this.#settings.store, {
        spec: pod.spec,
        namespace: pod.metadata.namespace,
      }),
    })
    bridge.onExit = () => this.#status(pod, { phase: 'Succeeded' })
    this.#bridges.set(pod.metadata.uid ?? '', bridge)
  }

  #stop(pod: Pod): void {
    const { uid = '', annotations, deletionTimestamp = '' } = pod.metadata
    if (this.#stopping.has(uid)) return
    this.#stopping.add(uid)
    const { timeline, fleetOf } = this.#settings
    const bridge = this.#bridges.get(uid)
    if (bridge === undefined || bridge.process === 'Exited') {
      timeline.in(2, () => this.#gone(pod))
      return
    }
    const end = (Date.parse(deletionTimestamp) - timeline.start.getTime()) / 1000
    const written = Number(annotations?.[annotation.drainDeadline])
    const own = end - farewell
    const deadline = written > 0 ? Math.min(own, written - timeline.start.getTime() / 1000) : own
    const done = () => {
      if (this.#isDead(pod)) return
      fleetOf(pod).removeBridge(bridge.name)
      timeline.in(1, () => this.#gone(pod))
    }
    preStop(timeline, bridge, { deadline, done })
    timeline.in(end - timeline.seconds, () => {
      if (!this.#isDead(pod)) this.#kill(pod)
      this.#gone(pod)
    })
  }

  /** SIGKILL, if anything still runs. */
  #kill(pod: Pod): void {
    const bridge = this.#bridges.get(pod.metadata.uid ?? '')
    if (bridge?.process !== 'Running' && bridge?.process !== 'Restarting') return
    this.#settings.fleetOf(pod).loseBridge(bridge.name)
  }

  #gone(pod: Pod): void {
    if (this.hanging.has(pod.metadata.name) || this.#isDead(pod)) return
    this.#settings.store.remove(pod)
  }

  #isDead({ spec }: Pod): boolean {
    return this.deadNodes.has(spec.nodeName ?? '')
  }

  #status(pod: Pod, status: Record<string, unknown>): void {
    this.#settings.store.patch(pod, current => ({
      ...current,
      status: { ...(current.status as object), ...status },
    }))
  }

  #nextAddress(): string {
    const number = ++this.#addresses
    return `10.64.${number >> 8}.${number & 255}`
  }

  #nodeAddress({ spec }: Pod): string {
    const node = this.#settings.store.get('Node', spec.nodeName ?? '')
    const { addresses = [] } = (node?.status ?? {}) as { addresses?: { address: string }[] }
    return addresses[0]?.address ?? ''
  }
}
