import { annotation } from '../../kube/annotations.ts'
import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'

/*
 * The region of a bridge: jicofo prefers bridges of a participant's own region, and connects those
 * of a meeting that spans regions. It is one for all, or where the bridge's node is.
 */

/** Is it where the node is? A bridge is told after it was scheduled, then, as its address is. */
export const isRegionOfNode = ({ spec }: Context): boolean => spec.jvb.regionFrom !== 'spec'

/** The region of a bridge; undefined until its node has been looked at. */
function regionOf({ spec }: Context, { nodeFacts }: Bridge): string | undefined {
  if (!nodeFacts) return undefined
  const { region, zone } = nodeFacts
  return (spec.jvb.regionFrom === 'nodeZone' ? zone : region) ?? spec.region
}

/** Written once: the bridge reads it at start, and a node does not move. */
export function regionAnnotation(context: Context, bridge: Bridge): Record<string, string> {
  if (!isRegionOfNode(context) || bridge.pod.metadata.annotations?.[annotation.region]) return {}
  const region = regionOf(context, bridge)
  return region === undefined ? {} : { [annotation.region]: region }
}
