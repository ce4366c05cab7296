import { objectLabels } from '../../kube/labels.ts'
import { childName } from '../../kube/names.ts'
import { quantityValue } from '../../kube/quantity.ts'
import type { ConfigMap, KubeObject } from '../../kube/types.ts'
import { referred } from '../content.ts'
import type { Context } from '../context.ts'

/**
 * What one more person takes of one CPU: 18 people with last-n 9 are a stress of 0.8, as in the
 * sizing table. 8x8's meetings take 0.032 of one; more than it is only spreads people earlier.
 */
const stressPerParticipantAndCpu = 0.045

/**
 * The file as bridges are to have it. While the ConfigMap that the spec names is missing it stays
 * as it is: without that, every bridge would be replaced for a slip of the pen.
 */
export function configFile(context: Context): string {
  const { customConfigCM } = context.spec.jvb
  if (!customConfigCM) return ownConfig(context)
  const custom = referred(context, { kind: 'ConfigMap', name: customConfigCM.name })?.data?.[key]
  if (custom === undefined) return observedFile(context) ?? ownConfig(context)
  return `${ownConfig(context)}\n${custom}`
}

const key = 'custom-jvb.conf'

function observedFile({ observed, instance }: Context): string | undefined {
  const name = childName(instance, 'jvb')
  const there = observed.all.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name,
  ) as ConfigMap | undefined
  return there?.data?.[key]
}

/**
 * What the image's settings cannot say. The bridge tells jicofo how much stress one more person
 * will be; the default fits eight CPUs or more and lets small bridges be overrun at the hour.
 */
function ownConfig({ spec }: Context): string {
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
    data: { [key]: configFile(context) },
  }
}
