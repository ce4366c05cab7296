import { digest } from './hash.ts'
import type { Metadata } from './types.ts'

/** Kubernetes' limit for names that end up in DNS labels and label values. */
const longest = 63

/**
 * The name of a child object: `<instance>-<suffix>`. Where that is too long, the instance is cut
 * and a digest of the whole keeps two long instances apart.
 */
export function childName(instance: string, suffix: string): string {
  const name = `${instance}-${suffix}`
  if (name.length <= longest) return name
  const mark = digest(instance).slice(0, 8)
  const room = longest - suffix.length - mark.length - 2
  return `${instance.slice(0, room).replace(/[-.]+$/, '')}-${mark}-${suffix}`
}

/**
 * Names from here on may be cut for a Pod: of a Deployment's Pods 17 characters are Kubernetes'
 * own.
 */
const longestForPods = longest - 17

/**
 * A pattern for the names of an instance's Pods of a component. Where the name is long they are
 * known by the digest alone, since Kubernetes cuts them again.
 */
export function podPattern(instance: string, component: string): string {
  const own = `${instance}-${component}`
  if (own.length <= longestForPods) return `${own}-.+`
  return `${own}-.+|.+-${digest(instance).slice(0, 8)}-.+`
}

/** A value that a label may carry, standing for a name that may be too long for one. */
export function labelValue(name: string): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${digest(name).slice(0, 8)}`
}

/**
 * The component of a Pod with a number, by its name: labels are for people to change, such as to
 * take a Pod out of its Services, and a Pod that is not recognised would be deleted.
 */
export function componentOf({ metadata }: { metadata: Metadata }): string | undefined {
  const [, component] = /-(jvb|jibri)-\d+$/.exec(metadata.name) ?? []
  return component ?? metadata.labels?.['app.kubernetes.io/component']
}
