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
import { canonicalQuantity } from '../kube/quantity.ts'
import type { Context } from './context.ts'
import { secretVariablesHash } from './secret-variables.ts'

/** The parts of a Pod in which components differ. */
export interface PodParts {
  component: string
  container: Omit<Container, 'name' | 'image'>
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
  terminationGracePeriodSeconds: number
  hostNetwork?: boolean
  /** Size of /run and of /tmp each, where 64 MiB are not enough. */
  scratchSize?: string
  restartPolicy?: 'OnFailure'
  /** Part of the image's name, where that is not the component. */
  imageName?: string
  security?: Security
}

/** In which an image of somebody else differs from Jitsi's own. */
export interface Security {
  user: number
  /** Capabilities that the program's file carries; without them the kernel refuses to start it. */
  add?: string[]
  /** It writes into its own folders. */
  writable?: boolean
  /** It listens on a port below 1024. */
  lowPorts?: boolean
}

/** The user and group of all Jitsi images. */
const jitsiUser = 1000

/** What Pod Security `restricted` asks of every container. */
const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsGroup: jitsiUser,
  runAsNonRoot: true,
  runAsUser: jitsiUser,
}

/** … and of every Pod, as the user of all Jitsi images. */
export const podSecurity = {
  fsGroup: jitsiUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  runAsNonRoot: true,
  runAsUser: jitsiUser,
  runAsGroup: jitsiUser,
  seccompProfile: { type: 'RuntimeDefault' },
}

const podUser = (security: Security | undefined) =>
  security && {
    fsGroup: security.user,
    runAsUser: security.user,
    runAsGroup: security.user,
    ...(security.lowPorts
      ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }
      : {}),
  }

const containerUser = (security: Security | undefined) =>
  security && {
    runAsUser: security.user,
    runAsGroup: security.user,
    ...(security.add ? { capabilities: { drop: ['ALL'], add: security.add } } : {}),
    ...(security.writable ? { readOnlyRootFilesystem: false } : {}),
  }

/** The images write here only: rendered configuration, temporary files. */
const scratch = [
  { name: 'run', mountPath: '/run' },
  { name: 'tmp', mountPath: '/tmp' },
]

/** The image of a component: its own, that of the component it is a part of, or registry and tag. */
export function imageOf({ spec }: Context, component: string, name = component): string {
  const [own, shared] = [component, name].map(part => (spec[part as 'web'] as PodOverrides).image)
  return own ?? shared ?? `${spec.image.registry}/${name}:${spec.image.tag}`
}

/** Resources in the form in which the API server gives them back. */
export function canonicalResources({ requests, limits }: Resources): Resources {
  const canonical = (quantities: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(quantities).map(([name, quantity]) => [name, canonicalQuantity(quantity)]),
    )
  return {
    ...(requests ? { requests: canonical(requests) } : {}),
    ...(limits ? { limits: canonical(limits) } : {}),
  }
}

/** A container of the user's, its quantities in the form in which they come back. */
function canonicalContainer(container: Container): Container {
  const { resources } = container
  if (!resources) return container
  return { ...container, resources: { ...resources, ...canonicalResources(resources) } }
}

/** The Pod of a component: its own parts, under what every Pod of ours has and what the user adds. */
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
  return {
    automountServiceAccountToken: overrides.serviceAccountName !== undefined,
    // Service links would add variables such as JITSI_WEB_PORT that images take for settings.
    enableServiceLinks: false,
    securityContext: {
      ...podSecurity,
      ...podUser(parts.security),
      ...overrides.podSecurityContext,
    },
    ...filled({
      initContainers: [
        ...(parts.initContainers ?? []),
        ...(overrides.initContainers ?? []).map(canonicalContainer),
      ],
      tolerations: [...(parts.tolerations ?? []), ...(overrides.tolerations ?? [])],
      affinity: overrides.affinity ?? (overrides.disableDefaultAffinity ? {} : parts.affinity),
      imagePullSecrets: context.spec.image.pullSecrets,
      restartPolicy: parts.restartPolicy,
      nodeSelector: overrides.nodeSelector,
      topologySpreadConstraints: overrides.topologySpreadConstraints,
      priorityClassName: overrides.priorityClassName,
      runtimeClassName: overrides.runtimeClassName,
      hostAliases: overrides.hostAliases,
      dnsConfig: overrides.dnsConfig,
      serviceAccountName: overrides.serviceAccountName,
      // The older name of the same field, which the API server writes beside it.
      serviceAccount: overrides.serviceAccountName,
    }),
    ...(parts.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    containers: [
      container(context, parts),
      ...(parts.sidecars ?? []),
      ...(overrides.sidecars ?? []).map(canonicalContainer),
    ],
    volumes: [
      ...scratch.map(({ name }) => ({
        name,
        emptyDir: { sizeLimit: parts.scratchSize ?? '64Mi' },
      })),
      ...(parts.volumes ?? []),
      ...(overrides.volumes ?? []),
    ],
    terminationGracePeriodSeconds: parts.terminationGracePeriodSeconds,
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
    ...filled({ envFrom: overrides.envFrom }),
    resources: canonicalResources(overrides.resources ?? resources),
    securityContext: {
      ...containerSecurity,
      ...containerUser(security),
      ...overrides.securityContext,
    },
    volumeMounts: [...scratch, ...(own.volumeMounts ?? []), ...(overrides.volumeMounts ?? [])],
  }
}

/** The members that hold something: empty lists and maps are written back differently. */
export function filled<T extends Record<string, unknown>>(members: T): Partial<T> {
  const something = (value: unknown) => value !== undefined && Object.keys(Object(value)).length > 0
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => something(value)),
  ) as Partial<T>
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

/** Node autoscalers leave the node of a Pod with these alone: it holds meetings together. */
export const doNotDisrupt = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
}

/** A Java heap in MiB that leaves the rest of the memory limit to buffers and the machine itself. */
export function heapSetting(bytes: number | undefined, share: number): string | undefined {
  return bytes === undefined ? undefined : `${Math.floor((bytes * share) / 2 ** 20)}m`
}
