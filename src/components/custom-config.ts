import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import type { Reference } from './content.ts'

/**
 * A file of the user's that an image appends to its own configuration, where one is named; as
 * `path`, where a file of ours includes it.
 */
export function customConfig(
  source: { name: string } | undefined,
  key: string,
  path = key,
): { references: Reference[]; volumes: Volume[]; mounts: VolumeMount[] } {
  if (!source) return { references: [], volumes: [], mounts: [] }
  const volume = 'custom-config'
  return {
    references: [{ kind: 'ConfigMap', name: source.name, keys: [key] }],
    volumes: [{ name: volume, configMap: { name: source.name, defaultMode: 420 } }],
    mounts: [{ name: volume, mountPath: `/config/${path}`, subPath: key, readOnly: true }],
  }
}
