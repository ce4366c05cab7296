import type { JitsiSpec } from '../api/jitsi.ts'
import type { Context } from '../components/context.ts'
import { type Judgement, no } from '../kube/conditions.ts'
import { relatedOf } from '../kube/observed.ts'
import type { KubeObject } from '../kube/types.ts'

/*
 * Ports and networks of nodes, which Pod Security `baseline` and `restricted` forbid. A Pod that is
 * refused leaves no trace in a request, so the plan reads the level from the namespace itself.
 */

const enforce = 'pod-security.kubernetes.io/enforce'

/** The fields because of which Pods need ports or the network of their node. */
export function hostPortFields({ jvb, coturn, jigasi }: JitsiSpec): string[] {
  const bridges = ['HostPort', 'HostNetwork'].includes(jvb.exposure.type)
  return [
    ...(bridges ? ['spec.jvb.exposure.type'] : []),
    ...(coturn.enabled && coturn.exposure.type === 'HostNetwork'
      ? ['spec.coturn.exposure.type']
      : []),
    ...(jigasi.enabled && jigasi.hostNetwork ? ['spec.jigasi.hostNetwork'] : []),
  ]
}

/** What the namespace forbids, and the two ways out; undefined where nothing stands against it. */
export function hostPortsForbidden(
  type: string,
  { spec, observed, namespace }: Context,
): Judgement | undefined {
  const fields = hostPortFields(spec)
  const [level] = relatedOf<KubeObject>(observed, 'Namespace').flatMap(({ metadata }) =>
    metadata.name === namespace ? (metadata.labels?.[enforce] ?? []) : [],
  )
  if (fields.length === 0 || (level !== 'baseline' && level !== 'restricted')) return undefined
  return no(
    type,
    'PodSecurityForbids',
    `namespace ${namespace} enforces Pod Security ${level}, which refuses the host ports of ${fields.join(', ')}: choose a way without them (NodePort, LoadBalancer), or label the namespace ${enforce}=privileged`,
  )
}
