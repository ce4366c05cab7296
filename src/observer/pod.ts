import { isIPv6 } from 'node:net'
import { isLeaving } from '../kube/pod.ts'
import type { Pod } from '../kube/types.ts'

/** The labels and owners that make a Pod ours. */
const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'jitsi-operator' }
const owner = { apiVersion: 'apps.jit.si/v1alpha1', kind: 'Jitsi' }

/** Made by us. The label alone proves little, but every Pod of ours has it. */
export function isManaged(pod: Pod): boolean {
  return pod.metadata.labels?.[managedBy.key] === managedBy.value
}

/**
 * Says that a Jitsi owns it, as all Pods that Metacontroller makes for us. Others may say so too.
 */
export function isOwnedByJitsi(pod: Pod): boolean {
  const { ownerReferences = [] } = pod.metadata
  return ownerReferences.some(
    reference =>
      reference.controller === true &&
      reference.apiVersion === owner.apiVersion &&
      reference.kind === owner.kind,
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
