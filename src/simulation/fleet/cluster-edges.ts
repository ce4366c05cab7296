import type { Node } from 'kubernetes-types/core/v1.js'
import { label } from '../../kube/annotations.ts'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { Edges } from '../../observer/edges.ts'
import { rememberNodes } from '../../observer/node-memory.ts'
import type { Bridge } from './bridge.ts'
import type { Fleet } from './fleet.ts'
import type { ObjectStore } from './object-store.ts'
import type { Timeline } from './timeline.ts'

interface EdgeParts {
  timeline: Timeline
  store: ObjectStore
  fleetOf: (pod: KubeObject) => Fleet
  bridgeOf: (pod: KubeObject) => Bridge | undefined
}

const noDeadline = new AbortController().signal

/** The observer's edges in the model: what a Pod's address answers, without any HTTP. */
export function clusterEdges({ timeline, store, fleetOf, bridgeOf }: EdgeParts): Edges {
  const podAt = (url: string): Pod => {
    const { hostname } = new URL(url)
    const pod = (store.list('Pod') as Pod[]).find(
      ({ status, metadata }) => status?.podIP === hostname && metadata.labels?.[label.observe],
    )
    if (pod === undefined) throw new Error(`nobody answers at ${url}`)
    return pod
  }
  const runningBridge = (pod: Pod): Bridge => {
    const bridge = bridgeOf(pod)
    if (!bridge?.answers(timeline.seconds)) throw new Error(`${pod.metadata.name} is silent`)
    return bridge
  }
  const statsOf = (pod: Pod) => {
    const [jicofo] = fleetOf(pod).jicofos
    if (!jicofo || jicofo.hangs(timeline.seconds)) throw new Error(`${pod.metadata.name} is silent`)
    return jicofo.stats(timeline.seconds)
  }
  return {
    now: () => timeline.date,
    deadline: () => noDeadline,
    readJson: async url => {
      const pod = podAt(url)
      if (url.endsWith('/stats')) return statsOf(pod)
      const bridge = runningBridge(pod)
      if (url.endsWith('/about/version')) return { version: bridge.version }
      return fleetOf(pod).metricsOf(bridge.name)
    },
    post: async url => {
      const on = url.endsWith('/colibri/drain/enable')
      runningBridge(podAt(url)).setDrain(on, timeline.seconds)
    },
    readNode: rememberNodes(
      async name => (store.get('Node', name) as unknown as Node | undefined) ?? 'gone',
      () => timeline.date,
    ),
  }
}
