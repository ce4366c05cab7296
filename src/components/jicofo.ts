import { label } from '../kube/annotations.ts'
import { eviction } from '../kube/eviction.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { quantityValue } from '../kube/quantity.ts'
import type { KubeObject } from '../kube/types.ts'
import { budget } from './budget.ts'
import type { Context } from './context.ts'
import { environment, prosodyHost, type Settings } from './environment.ts'
import { avoidedStress, jicofoConfig, jicofoConfigMap } from './jicofo-config.ts'
import { heapSetting, leaveDeadNodeSoon, podTemplate } from './pod.ts'
import { figuresService } from './scrape.ts'

/** Jicofo's REST port: figures for us and for Prometheus; unauthenticated. */
export const jicofoRestPort = 8888

const defaultResources = {
  requests: { cpu: '250m', memory: '1Gi' },
  limits: { memory: '1536Mi' },
}

/** Jicofo: places meetings on bridges. It keeps them in memory; exactly one per prosody. */
export function jicofo(context: Context): KubeObject[] {
  return [
    jicofoConfigMap(context),
    deployment(context),
    ...figuresService(context, 'jicofo', { name: 'rest', port: jicofoRestPort }),
    budget(context, 'jicofo', 1),
  ]
}

function deployment(context: Context): KubeObject {
  const { instance, namespace } = context
  const config = jicofoConfig(context)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(instance, 'jicofo'),
      namespace,
      labels: objectLabels(instance, 'jicofo'),
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: selectorLabels(instance, 'jicofo') },
      // Two jicofos at once would both place the same meetings.
      strategy: { type: 'Recreate' },
      template: podTemplate(context, {
        component: 'jicofo',
        labels: { [label.observe]: 'jicofo' },
        annotations: { ...eviction(true), ...config.annotations },
        container: {
          env: environment(context, 'jicofo', jicofoSettings(context)),
          ports: [{ name: 'rest', containerPort: jicofoRestPort, protocol: 'TCP' }],
          readinessProbe: versionProbe(5, 3),
          livenessProbe: versionProbe(30, 10),
          volumeMounts: config.mounts,
        },
        resources: defaultResources,
        volumes: config.volumes,
        tolerations: leaveDeadNodeSoon,
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

/**
 * Not /about/health: without any bridge jicofo calls itself unhealthy, and a restart helps nobody.
 */
const versionProbe = (periodSeconds: number, failureThreshold: number) => ({
  httpGet: { path: '/about/version', port: 'rest', scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold,
  successThreshold: 1,
})

function jicofoSettings(context: Context): Settings {
  const { spec } = context
  const resources = spec.jicofo.resources ?? defaultResources
  const heap = heapSetting(quantityValue(resources.limits?.memory), 2 / 3)
  return {
    XMPP_SERVER: prosodyHost(context),
    // Without it jicofo answers localhost only, and nobody could tell whether meetings run.
    JICOFO_ENABLE_REST: '1',
    JICOFO_ENABLE_BRIDGE_HEALTH_CHECKS: '1',
    JICOFO_ENABLE_LOAD_REDISTRIBUTION: '1',
    BRIDGE_STRESS_THRESHOLD: String(avoidedStress),
    JICOFO_OCTO_REGION: spec.region,
    // The image's default never uses a second bridge for a meeting, relays or not.
    OCTO_BRIDGE_SELECTION_STRATEGY: 'RegionBasedBridgeSelectionStrategy',
    ...(heap ? { JICOFO_MAX_MEMORY: heap } : {}),
  }
}
