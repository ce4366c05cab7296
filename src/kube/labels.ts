import { labelValue } from './names.ts'
import type { KubeObject } from './types.ts'

/**
 * Labels that never change: what selectors are made of. The names are those of the first operator.
 */
export function selectorLabels(instance: string, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'jitsi',
    'app.kubernetes.io/instance': labelValue(instance),
    'app.kubernetes.io/component': component,
  }
}

/** The label of everything that we make. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'jitsi-operator' }

/** Labels of an object: those of its selector, and who made it. */
export function objectLabels(instance: string, component: string): Record<string, string> {
  return {
    ...selectorLabels(instance, component),
    'app.kubernetes.io/part-of': 'jitsi',
    ...managedBy,
  }
}

/** A label selector in the one-line form that `status.selector` and queries take. */
export function selectorText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',')
}

/** Has the object every one of these labels? */
export const hasLabels = ({ metadata }: KubeObject, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value)
