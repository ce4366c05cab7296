import { annotation, label } from '../../kube/annotations.ts'
import { safeToEvict } from '../../kube/eviction.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import type { Revision } from './revision.ts'
import { bridgeName, bridgeTemplate, type NewBridge } from './template.ts'

/** The Pod of a new bridge, made with the revision that all new bridges have. */
export function bridgePod(context: Context, bridge: NewBridge, revision: Revision): KubeObject {
  const template = bridgeTemplate(context, bridge)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: bridgeName(context, bridge.index),
      namespace: context.namespace,
      labels: { ...template.metadata?.labels, [label.counted]: 'true' },
      annotations: {
        ...template.metadata?.annotations,
        [annotation.revision]: JSON.stringify(revision),
        [annotation.intent]: 'serve',
        [annotation.port]: String(bridge.port),
        ...(bridge.pinnedTo ? { [annotation.pinnedTo]: bridge.pinnedTo } : {}),
        ...(bridge.portsRefused.length > 0
          ? { [annotation.portsRefused]: bridge.portsRefused.join(',') }
          : {}),
        [safeToEvict]: 'false',
      },
    },
    spec: template.spec,
  }
}
