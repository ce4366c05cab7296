import type {
  Affinity,
  Container,
  PodSpec,
  PodTemplateSpec,
  Toleration,
  Volume,
} from 'kubernetes-types/core/v1.js'
import type { PodOverrides, Resources } from '../api/pod-overrides.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { strategicMerge } from '../kube/strategic-merge.ts'
import type { Context } from './context.ts'
import { canonicalResources, filled, joinedTolerations, podPatch } from './pod-patch.ts'
import { containerSecurity, containerUser, podUser, type Security } from './pod-security.ts'
import { secretVariablesHash } from './secret-variables.ts'

/** The parts of a Pod in which components differ. */
export interface PodParts {
  component: string
  /** Its image only where none of the usual places names it. */
  container: Omit<Container, 'name'>
  /** Used where the user says nothing. */
  resources: Resources
  volumes?: Volume[]
  affinity?: Affinity
  tolerations?: Toleration[]
  initContainers?: Container[]
  /** Containers of ours beside the main one. */
  sidecars?: Container[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** How long it may take to stop; a person may say otherwise. */
  terminationGracePeriodSeconds: number
  /** A shorter time of a person's does not count: meetings or recordings would be cut. */
  neverStopsSooner?: true
  hostNetwork?: boolean
  /** Size of /run and of /tmp each, where 64 MiB are not enough. */
  scratchSize?: string
  restartPolicy?: 'OnFailure'
  /** Part of the image's name, where that is not the component. */
  imageName?: string
  security?: Security
}

/** The images write here only: rendered configuration, temporary files. */
const scratch = [
  { name: 'run', mountPath: '/run' },
  { name: 'tmp', mountPath: '/tmp' },
]

/**
 * The image of a component: its own, that of the component it is a part of, or registry and tag.
 */
export function imageOf({ spec }: Context, component: string, name = component): string {
  const [own, shared] = [component, name].map(part => (spec[part as 'web'] as PodOverrides).image)
  return own ?? shared ?? `${spec.image.registry}/${name}:${spec.image.tag}`
}

/**
 * The Pod of a component: its own parts, under what every Pod of ours has and what the user adds.
 */
export function podTemplate(context: Context, parts: PodParts): PodTemplateSpec {
  const overrides: PodOverrides = context.spec[parts.component as 'web']
  const spec = podSpec(context, parts)
  return {
    metadata: {
      labels: {
        ...overrides.labels,
        ...objectLabels(context.instance, parts.component),
        ...parts.labels,
      },
      ...filled({
        annotations: {
          ...overrides.annotations,
          ...parts.annotations,
          ...secretVariablesHash(context, spec),
        },
      }),
    },
    spec,
  }
}

function podSpec(context: Context, parts: PodParts): PodSpec {
  const overrides: PodOverrides = context.spec[parts.component as 'web']
  const spec = strategicMerge(ownPodSpec(context, parts), podPatch(parts.component, overrides))
  const grace = overrides.terminationGracePeriodSeconds ?? parts.terminationGracePeriodSeconds
  return {
    ...spec,
    terminationGracePeriodSeconds: parts.neverStopsSooner
      ? Math.max(grace, parts.terminationGracePeriodSeconds)
      : grace,
  }
}

/** The Pod as it is where a person says nothing about it. */
function ownPodSpec(context: Context, parts: PodParts): PodSpec {
  const overrides: PodOverrides = context.spec[parts.component as 'web']
  // Whoever may not choose a user may not do so for a container that waits, either.
  const secured = (ours: Container) =>
    strategicMerge(ours, filled({ securityContext: overrides.securityContext }))
  return {
    automountServiceAccountToken: overrides.serviceAccountName !== undefined,
    // Service links would add variables such as JITSI_WEB_PORT that images take for settings.
    enableServiceLinks: false,
    securityContext: podUser(parts.security),
    ...filled({
      initContainers: (parts.initContainers ?? []).map(secured),
      tolerations: joinedTolerations(parts.tolerations, overrides.tolerations),
      affinity: overrides.disableDefaultAffinity ? {} : (parts.affinity ?? {}),
      imagePullSecrets: context.spec.image.pullSecrets,
      restartPolicy: parts.restartPolicy,
    }),
    ...(parts.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    containers: [container(context, parts), ...(parts.sidecars ?? [])].map(secured),
    volumes: [
      ...scratch.map(({ name }) => ({
        name,
        emptyDir: { sizeLimit: parts.scratchSize ?? '64Mi' },
      })),
      ...(parts.volumes ?? []),
    ],
  }
}

function container(
  context: Context,
  { component, container: own, resources, security, imageName }: PodParts,
): Container {
  const overrides: PodOverrides = context.spec[component as 'web']
  return {
    name: component,
    image: imageOf(context, component, imageName),
    imagePullPolicy: overrides.imagePullPolicy ?? context.spec.image.pullPolicy,
    ...own,
    resources: canonicalResources(overrides.resources ?? resources),
    securityContext: containerUser(security),
    volumeMounts: [...scratch, ...(own.volumeMounts ?? [])],
  }
}

/** The security of a container of ours beside the main one, such as one that waits. */
export const initContainerSecurity = containerSecurity

/**
 * Keeps the Pods of one component apart: a node that fails takes one of them, not all.
 * `preferred`, so that a one-node cluster can run them too.
 */
export function spreadOverNodes({ instance }: Context, component: string): Affinity {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: { matchLabels: selectorLabels(instance, component) },
            topologyKey: 'kubernetes.io/hostname',
          },
        },
      ],
    },
  }
}

/**
 * A node that dies takes prosody or jicofo along; with Kubernetes' default of five minutes a campus
 * would wait that long for them to start elsewhere.
 */
export const leaveDeadNodeSoon: Toleration[] = ['not-ready', 'unreachable'].map(state => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 30,
}))

/**
 * A Java heap in MiB that leaves the rest of the memory limit to buffers and the machine itself.
 */
export function heapSetting(bytes: number | undefined, share: number): string | undefined {
  return bytes === undefined ? undefined : `${Math.floor((bytes * share) / 2 ** 20)}m`
}
