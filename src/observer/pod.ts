import { isIPv6 } from 'node:net'
import { apiVersion } from '../api/crd.ts'
import { hasLabels, managedBy } from '../kube/labels.ts'
import { isLeaving } from '../kube/pod.ts'
import type { Pod } from '../kube/types.ts'

/** Made by us. The label alone proves little, but every Pod of ours has it. */
export const isManaged = (pod: Pod): boolean => hasLabels(pod, managedBy)

/**
 * Says that a Jitsi owns it, as all Pods that Metacontroller makes for us. Others may say so too.
 */
export function isOwnedByJitsi(pod: Pod): boolean {
  const { ownerReferences = [] } = pod.metadata
  return ownerReferences.some(
    reference =>
      reference.controller === true &&
      reference.apiVersion === apiVersion &&
      reference.kind === 'Jitsi',
  )
}

/**
 * The root URL of the Pod's private HTTP server, or undefined while nothing can answer there. The
 * port is the container port named `private` (bridges on the host's network hold one each), else
 * the port that the program uses by itself.
 */
export function privateUrl(pod: Pod, usualPort: number): string | undefined {
  const address = pod.status?.podIP
  if (pod.status?.phase !== 'Running' || isLeaving(pod) || !address) return undefined
  const ports = pod.spec.containers.flatMap(container => container.ports ?? [])
  const port = ports.find(({ name }) => name === 'private')?.containerPort ?? usualPort
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`
}
