import { objectLabels } from '../../kube/labels.ts'
import { childName } from '../../kube/names.ts'
import { quantityValue } from '../../kube/quantity.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'

/** A sender with camera costs about this much of one CPU (8x8: 0.004 of a bridge with 8). */
const stressPerParticipantAndCpu = 0.032

/**
 * What the image's settings cannot say. The bridge tells jicofo how much stress one more person
 * will be; the default fits eight CPUs or more and lets small bridges be overrun at the hour.
 */
export function configFile({ spec }: Context): string {
  const cpus = quantityValue(
    spec.jvb.resources?.limits?.cpu ?? (spec.jvb.resources ? undefined : '2'),
  )
  const perParticipant = cpus && Math.max(0.004, stressPerParticipantAndCpu / cpus)
  return [
    '# Written by jitsi-operator.',
    ...(perParticipant
      ? [`videobridge.load-management.average-participant-stress = ${perParticipant.toFixed(4)}`]
      : []),
    '',
  ].join('\n')
}

/** The ConfigMap that every bridge reads at start. */
export function bridgeConfigMap(context: Context): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: childName(instance, 'jvb'),
      namespace,
      labels: objectLabels(instance, 'jvb'),
    },
    data: { 'custom-jvb.conf': configFile(context) },
  }
}
