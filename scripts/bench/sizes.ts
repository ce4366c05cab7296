import type { KubeObject } from '../../src/kube/types.ts'
import { type FleetSize, lastApplied, restingFleet } from './fleet.ts'

/** Bytes of a bridge's Pod in a request, and what they are. */
export interface PodSize {
  whole: number
  managedFields: number
  lastApplied: number
  spec: number
  status: number
}

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '')

/** The mean of all bridges. */
export function podSize(size: FleetSize): PodSize {
  const pods = Object.values(restingFleet(size).request.children['Pod.v1'] ?? {})
  const mean = (part: (pod: KubeObject) => unknown) =>
    pods.reduce((sum, pod) => sum + bytes(part(pod)), 0) / pods.length
  return {
    whole: mean(pod => pod),
    managedFields: mean(({ metadata }) => (metadata as { managedFields?: unknown }).managedFields),
    lastApplied: mean(({ metadata }) => metadata.annotations?.[lastApplied]),
    spec: mean(({ spec }) => spec),
    status: mean(({ status }) => status),
  }
}

/** Bytes of a Node in a request, and of the images that it lists. */
export function nodeSize(): { whole: number; images: number } {
  const { request } = restingFleet({ bridges: 1, strategy: 'daemonset' })
  const [node] = Object.values(request.related?.['Node.v1'] ?? {})
  return { whole: bytes(node), images: bytes((node?.status as { images?: unknown })?.images) }
}
