import type { Affinity, Container, PodSpec } from 'kubernetes-types/core/v1.js'
import type { Resources } from '../api/pod-overrides.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { strategicMerge } from '../kube/strategic-merge.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { bridgeResources } from './jvb/template.ts'
import { imageOf, initContainerSecurity } from './pod.ts'
import { canonicalResources, filled } from './pod-patch.ts'
import { podUser } from './pod-security.ts'

/*
 * Overprovisioning of nodes: Pods that do nothing, of the size of a bridge and where a bridge could
 * be, with a priority so low that the scheduler lets a bridge take their place at once. They run
 * the bridge's image, so that it is on the node already.
 */

const component = 'overprovisioning'

/** The placeholders of an autoscaled fleet; absent when off. */
export function overprovisioning(context: Context): KubeObject[] {
  const { instance, namespace, spec } = context
  const { strategy, autoscaling } = spec.jvb
  const { replicas = 0, priorityClassName } = autoscaling.overprovisioning ?? {}
  if (strategy.type !== 'autoscaled' || replicas === 0 || !priorityClassName) return []
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: childName(instance, component),
        namespace,
        labels: objectLabels(instance, component),
      },
      spec: {
        replicas,
        selector: { matchLabels: selectorLabels(instance, component) },
        // A change must not ask for more nodes.
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels: objectLabels(instance, component) },
          spec: placeholder(context, priorityClassName),
        },
      },
    },
  ]
}

function placeholder(context: Context, priorityClassName: string): PodSpec {
  const { spec } = context
  const { jvb } = spec
  const { resources = bridgeResources, sidecars = [] } = jvb
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: strategicMerge(podUser(undefined), jvb.podSecurityContext ?? {}),
    priorityClassName,
    ...filled({
      imagePullSecrets: [...spec.image.pullSecrets, ...(jvb.imagePullSecrets ?? [])],
      nodeSelector: jvb.nodeSelector,
      tolerations: jvb.tolerations,
      runtimeClassName: jvb.runtimeClassName,
    }),
    affinity: {
      ...(jvb.affinity?.nodeAffinity ? { nodeAffinity: jvb.affinity.nodeAffinity } : {}),
      ...apart(context),
    },
    // As many containers as a bridge has, so that they need as much together.
    containers: [
      pause(context, 'jvb', resources),
      ...sidecars.map(({ name, resources = {} }) => pause(context, name, resources as Resources)),
    ],
    // Nothing to say good-bye to: a bridge waits for the place.
    terminationGracePeriodSeconds: 0,
  }
}

function pause(context: Context, name: string, resources: Resources): Container {
  const { spec } = context
  return {
    name,
    image: imageOf(context, 'jvb'),
    imagePullPolicy: spec.jvb.imagePullPolicy ?? spec.image.pullPolicy,
    command: ['sleep', 'infinity'],
    resources: canonicalResources(resources),
    securityContext: strategicMerge(initContainerSecurity, spec.jvb.securityContext ?? {}),
  }
}

/**
 * Room beside a bridge is as good as a node of its own, but where a bridge needs the network of a
 * node for itself.
 */
function apart({ instance, spec }: Context): Affinity {
  const terms = ['jvb', component].map(other => ({
    labelSelector: { matchLabels: selectorLabels(instance, other) },
    topologyKey: 'kubernetes.io/hostname',
  }))
  return {
    podAntiAffinity:
      spec.jvb.exposure.type === 'HostNetwork'
        ? { requiredDuringSchedulingIgnoredDuringExecution: terms }
        : {
            preferredDuringSchedulingIgnoredDuringExecution: terms.map(podAffinityTerm => ({
              weight: 100,
              podAffinityTerm,
            })),
          },
  }
}
