import type { PodSpec } from 'kubernetes-types/core/v1.js'
import type { Secret } from '../../kube/types.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * The password of the bridges' XMPP account that a container starting now reads, if there is one.
 */
export function passwordRead(
  store: ObjectStore,
  { spec, namespace }: { spec: PodSpec | undefined; namespace: string | undefined },
): string | undefined {
  const variables = (spec?.containers ?? []).flatMap(({ env }) => env ?? [])
  const source = variables.find(({ name }) => name === 'JVB_AUTH_PASSWORD')?.valueFrom?.secretKeyRef
  const secret = source && (store.get('Secret', source.name ?? '', namespace) as Secret | undefined)
  return source && secret?.data?.[source.key]
}
