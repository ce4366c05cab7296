import { type Static, Type } from '@sinclair/typebox'
import type {
  Affinity,
  Container,
  EnvFromSource,
  EnvVar,
  HostAlias,
  PodDNSConfig,
  PodSecurityContext,
  SecurityContext,
  Toleration,
  TopologySpreadConstraint,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1.js'
import { container, variable } from './container-members.ts'
import {
  KubeList,
  KubeValue,
  LabelMap,
  ObjectReference,
  QuantityMap,
  StringEnum,
  StringMap,
} from './schema.ts'

/** CPU and memory of a container. */
export const Resources = Type.Object(
  {
    requests: Type.Optional(
      QuantityMap({ description: 'What the scheduler sets aside, such as cpu and memory.' }),
    ),
    limits: Type.Optional(
      QuantityMap({
        description: 'What the container may use at most; Java heaps follow the memory limit.',
      }),
    ),
  },
  {
    description:
      'CPU and memory of the container. A section given here replaces the default as a whole.',
  },
)
export type Resources = Static<typeof Resources>

/** What every component lets people change of its Pods; the names are those of a Pod spec. */
export const podOverrides = {
  image: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Whole image reference, in place of spec.image.registry and spec.image.tag. Releases before stable-11146 are not supported. Name a release or a digest: a tag that moves, such as latest, mixes releases.',
    }),
  ),
  imagePullPolicy: Type.Optional(
    StringEnum(['Always', 'IfNotPresent', 'Never'], {
      description: 'When to pull the image; spec.image.pullPolicy otherwise.',
    }),
  ),
  imagePullSecrets: Type.Optional(
    Type.Array(ObjectReference(), {
      description: 'Secrets for a private registry, beside those of spec.image.pullSecrets.',
    }),
  ),
  resources: Type.Optional(Resources),
  affinity: Type.Optional(
    KubeValue<Affinity>({
      description:
        'Where the Pods may run, as in a Pod spec; merged over our spreading over nodes.',
    }),
  ),
  disableDefaultAffinity: Type.Optional(
    Type.Boolean({ description: 'Leave out the spreading over nodes that we add by default.' }),
  ),
  nodeSelector: Type.Optional(
    LabelMap({ description: 'Labels that a node must have to run the Pods.' }),
  ),
  tolerations: Type.Optional(
    KubeList<Toleration>({
      description:
        'Taints that the Pods put up with, as in a Pod spec; one of ours for the same taint is replaced.',
    }),
  ),
  topologySpreadConstraints: Type.Optional(
    KubeList<TopologySpreadConstraint>({
      description: 'How the Pods spread over zones or nodes, as in a Pod spec.',
    }),
  ),
  priorityClassName: Type.Optional(
    Type.String({ description: 'PriorityClass of the Pods; it must exist.' }),
  ),
  runtimeClassName: Type.Optional(
    Type.String({ description: 'RuntimeClass of the Pods; it must exist.' }),
  ),
  annotations: Type.Optional(StringMap({ description: 'Annotations to add to the Pods.' })),
  labels: Type.Optional(
    LabelMap({ description: 'Labels to add to the Pods; our own labels cannot be changed.' }),
  ),
  env: Type.Optional(
    KubeList<EnvVar>(
      {
        description:
          'Environment variables of the container; one of ours with that name is replaced.',
      },
      variable,
    ),
  ),
  envFrom: Type.Optional(
    KubeList<EnvFromSource>({ description: 'ConfigMaps and Secrets to take variables from.' }),
  ),
  volumes: Type.Optional(
    KubeList<Volume>({
      description: 'Volumes to add to the Pods; one with the name of ours is merged into it.',
    }),
  ),
  volumeMounts: Type.Optional(
    KubeList<VolumeMount>({
      description: 'Where the container mounts volumes; one at the path of ours is merged into it.',
    }),
  ),
  initContainers: Type.Optional(
    KubeList<Container>(
      {
        description:
          'Containers to run before the main one; one with the name of ours is merged into it.',
      },
      container,
    ),
  ),
  sidecars: Type.Optional(
    KubeList<Container>(
      {
        description:
          'Containers to run beside the main one; one with the name of ours, such as that of the component, is merged into it.',
      },
      container,
    ),
  ),
  hostAliases: Type.Optional(
    KubeList<HostAlias>({ description: 'Lines to add to the /etc/hosts of the Pods.' }),
  ),
  dnsConfig: Type.Optional(
    KubeValue<PodDNSConfig>({ description: 'DNS settings of the Pods, as in a Pod spec.' }),
  ),
  dnsPolicy: Type.Optional(
    StringEnum(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'], {
      description: 'Where names are looked up; None for dnsConfig alone.',
    }),
  ),
  terminationGracePeriodSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 604_800,
      description:
        'How long a Pod may take to stop. Bridges and recorders take no less than what jvb.drain.timeout and jibri.stopTimeout need; web and jigasi wait for connections and calls until 30 seconds before its end.',
    }),
  ),
  serviceAccountName: Type.Optional(
    Type.String({
      description: 'ServiceAccount of the Pods; without it they run without a token.',
    }),
  ),
  podSecurityContext: Type.Optional(
    KubeValue<PodSecurityContext>({
      description: 'Merged over the restricted security context of the Pods.',
    }),
  ),
  securityContext: Type.Optional(
    KubeValue<SecurityContext>({
      description: 'Merged over the restricted security context of the containers that are ours.',
    }),
  ),
}

const Overrides = Type.Object(podOverrides)
export type PodOverrides = Static<typeof Overrides>
