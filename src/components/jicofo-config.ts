import { annotation } from '../kube/annotations.ts'
import { digest } from '../kube/hash.ts'
import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { customConfig } from './custom-config.ts'
import { transcriptionConfig } from './transcriber-proxy.ts'

/**
 * From this stress on jicofo puts people elsewhere. Its own 0.8 leaves no room for those who are
 * on their way while the bridge's figure is not measured yet, and for meetings that go on growing.
 */
export const avoidedStress = 0.65

const key = 'custom-jicofo.conf'

/**
 * What people bring of their own is read after ours; jicofo takes a missing file for an empty one.
 */
const ownKey = 'own-jicofo.conf'

/**
 * What the image's settings cannot say: how fast people leave a bridge that is too full. With
 * jicofo's own figures, ten in four minutes, a bridge that a crowd has overrun stays so for the
 * hour, while those that were started for it stand empty. And where bridges send what is said.
 */
const fileOf = (context: Context): string =>
  [
    '# Written by jitsi-operator.',
    'jicofo.bridge.load-redistribution {',
    '  stress-threshold = 0.8',
    '  endpoints = 20',
    '  interval = 30 seconds',
    '  timeout = 30 seconds',
    '}',
    ...transcriptionConfig(context),
    `include "${ownKey}"`,
    '',
  ].join('\n')

/** The ConfigMap that jicofo reads at its start. */
export function jicofoConfigMap(context: Context): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: childName(instance, 'jicofo'),
      namespace,
      labels: objectLabels(instance, 'jicofo'),
    },
    data: { [key]: fileOf(context) },
  }
}

/** How jicofo's Pod reads it; the annotation makes a new Pod of new content. */
export function jicofoConfig(context: Context) {
  const own = customConfig(context.spec.jicofo.customConfigCM, key, ownKey)
  const volume = {
    name: 'config',
    configMap: { name: childName(context.instance, 'jicofo'), defaultMode: 420 },
  }
  const mount = { name: 'config', mountPath: `/config/${key}`, subPath: key, readOnly: true }
  return {
    annotations: {
      [annotation.content]: digest([fileOf(context), contentHash(context, own.references)]),
    },
    volumes: [volume, ...own.volumes],
    mounts: [mount, ...own.mounts],
  }
}
