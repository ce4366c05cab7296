import type { Container, EnvVar, Toleration, Volume } from 'kubernetes-types/core/v1.js'
import type { PodOverrides, Resources } from '../api/pod-overrides.ts'
import { canonicalQuantity } from '../kube/quantity.ts'

/*
 * What a person says about the Pods of a component, as a patch of the Pod that we would make. Only
 * what is said is in it, and quantities are in the form in which the API server gives them back.
 */

/** The patch of a Pod's spec; `component` is the name of its main container. */
export function podPatch(component: string, overrides: PodOverrides) {
  return filled({
    affinity: overrides.affinity,
    nodeSelector: overrides.nodeSelector,
    topologySpreadConstraints: overrides.topologySpreadConstraints,
    priorityClassName: overrides.priorityClassName,
    runtimeClassName: overrides.runtimeClassName,
    hostAliases: overrides.hostAliases,
    dnsConfig: overrides.dnsConfig,
    dnsPolicy: overrides.dnsPolicy,
    imagePullSecrets: overrides.imagePullSecrets,
    serviceAccountName: overrides.serviceAccountName,
    // The older name of the same field, which the API server writes beside it.
    serviceAccount: overrides.serviceAccountName,
    securityContext: overrides.podSecurityContext,
    initContainers: overrides.initContainers?.map(canonicalContainer),
    containers: [
      {
        name: component,
        ...filled({ envFrom: overrides.envFrom, volumeMounts: overrides.volumeMounts }),
      },
      ...(overrides.sidecars ?? []).map(sidecar =>
        canonicalContainer(sidecar.name === component ? undeleted(sidecar) : sidecar),
      ),
    ],
    volumes: overrides.volumes?.map(canonicalVolume),
  })
}

/**
 * Tolerations have no key in Kubernetes, and would be replaced as a whole. Ours are for nodes that
 * die, so they stay but where a person says something about the same taint.
 */
export function joinedTolerations(
  ours: Toleration[] = [],
  theirs: Toleration[] = [],
): Toleration[] {
  const says = (own: Toleration) =>
    theirs.some(({ key, effect }) => key === own.key && (!effect || effect === own.effect))
  return [...ours.filter(own => !says(own)), ...theirs]
}

/** Resources in the form in which the API server gives them back. */
export function canonicalResources({ requests, limits }: Resources): Resources {
  return {
    ...(requests ? { requests: canonicalQuantities(requests) } : {}),
    ...(limits ? { limits: canonicalQuantities(limits) } : {}),
  }
}

const canonicalQuantities = (quantities: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(quantities).map(([name, quantity]) => [name, canonicalQuantity(quantity)]),
  )

/** Without the main container there would be no component. */
function undeleted(container: Container & { $patch?: unknown }): Container {
  const { $patch: _, ...rest } = container
  return rest
}

function canonicalContainer(container: Container): Container {
  const { resources, env } = container
  return {
    ...container,
    ...(resources ? { resources: { ...resources, ...canonicalResources(resources) } } : {}),
    ...(env ? { env: env.map(canonicalVariable) } : {}),
  }
}

/** A variable in the form in which the API server gives it back: an empty value is none there. */
export function canonicalVariable(variable: EnvVar): EnvVar {
  const { value, ...withoutValue } = variable
  if (value === '') return withoutValue
  const { resourceFieldRef } = variable.valueFrom ?? {}
  if (!resourceFieldRef?.divisor) return variable
  const divisor = canonicalQuantity(resourceFieldRef.divisor)
  return { ...variable, valueFrom: { resourceFieldRef: { ...resourceFieldRef, divisor } } }
}

function canonicalVolume(volume: Volume): Volume {
  const { emptyDir } = volume
  if (!emptyDir?.sizeLimit) return volume
  return { ...volume, emptyDir: { ...emptyDir, sizeLimit: canonicalQuantity(emptyDir.sizeLimit) } }
}

/** The members that hold something: empty lists and maps are written back differently. */
export function filled<T extends Record<string, unknown>>(members: T): Partial<T> {
  const something = (value: unknown) =>
    value !== undefined && value !== '' && (typeof value !== 'object' || hasMembers(value))
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => something(value)),
  ) as Partial<T>
}

const hasMembers = (value: object | null) => value !== null && Object.keys(value).length > 0
