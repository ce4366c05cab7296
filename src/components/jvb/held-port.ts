import { annotation } from '../../kube/annotations.ts'
import type { Pod } from '../../kube/types.ts'
import { sharedPortOf } from './media-services.ts'

/**
 * The UDP port that a bridge holds for life. People edit annotations; its container port can't be
 * changed, and says it as well where it is one of the node or of a shared load balancer. Who forgot
 * it would give it to another bridge.
 */
export function heldPort({ metadata, spec }: Pod): number | undefined {
  const written = Number(metadata.annotations?.[annotation.port])
  if (written > 0) return written
  const media = spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find(({ protocol }) => protocol === 'UDP')
  return media?.hostPort ?? sharedPortOf(media?.name)
}
