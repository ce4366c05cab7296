import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import type { PersistenceSpec } from '../api/persistence-spec.ts'
import { hold } from '../kube/hold.ts'
import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { canonicalQuantity } from '../kube/quantity.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'

/**
 * The claim of a component. Once made it stays until somebody deletes it: to leave it out of the
 * answer would delete the data of a person who switched a field off by mistake.
 */
export function claim(
  context: Context,
  component: string,
  persistence: PersistenceSpec,
): KubeObject[] {
  const { instance, namespace, observed } = context
  const name = childName(instance, component)
  const there = observed.all.find(
    ({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name === name,
  )
  if (there) return [hold(there)]
  if (!persistence.enabled || persistence.existingClaim) return []
  const { storageClassName, accessMode, size } = persistence
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, labels: objectLabels(instance, component) },
      spec: {
        accessModes: [accessMode],
        ...(storageClassName === undefined ? {} : { storageClassName }),
        resources: { requests: { storage: canonicalQuantity(size) } },
      },
    },
  ]
}

/** The volume of that name: the claim, or scratch space where nothing is to be kept. */
export function claimVolume(
  { instance }: Context,
  volume: { name: string; component: string; persistence: PersistenceSpec },
): Volume {
  const { name, component, persistence } = volume
  if (!persistence.enabled) return { name, emptyDir: {} }
  const claimName = persistence.existingClaim ?? childName(instance, component)
  return { name, persistentVolumeClaim: { claimName } }
}

/** Where the claim is mounted. */
export function claimMount(
  name: string,
  mountPath: string,
  { subPath }: PersistenceSpec,
): VolumeMount {
  return { name, mountPath, ...(subPath ? { subPath } : {}) }
}
