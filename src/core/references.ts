import { referred } from '../components/content.ts'
import type { Context } from '../components/context.ts'
import { type Use, usesOf } from '../components/references.ts'
import { hold } from '../kube/hold.ts'
import type { ConfigMap, KubeObject } from '../kube/types.ts'

/** Is something missing that the component reads? Then it is left as it is. */
export function lacksReference(context: Context, component: string): boolean {
  return usesOf(context.spec).some(
    use => use.component === component && missing(context, use) !== undefined,
  )
}

/**
 * Leaves components as they are whose ConfigMaps or Secrets are missing, or lack a key: one that is
 * deleted by mistake must not take the interface along. A component that is not there yet is made
 * all the same, and its Pods wait for the ConfigMap as Kubernetes has it. Recorders are Pods that
 * the plan leaves as they are in any case: those that run are answered, with what protects their
 * recording up to date, and no new ones are made, since they could not start.
 */
export function holdUnresolved(
  context: Context,
  objects: KubeObject[],
): { objects: KubeObject[]; missing: string[] } {
  const unresolved = usesOf(context.spec).flatMap(use => {
    const what = missing(context, use)
    return what === undefined ? [] : [{ component: use.component, what }]
  })
  const components = new Set(unresolved.map(({ component }) => component))
  const pools = new Set(context.observed.pods.map(componentOf))
  const observed = new Map(
    context.observed.all.map(object => [`${object.kind}/${object.metadata.name}`, object]),
  )
  return {
    missing: [...new Set(unresolved.map(({ what }) => what))].sort(),
    objects: objects.flatMap(object => {
      const component = componentOf(object)
      if (!components.has(component)) return [object]
      const there = observed.get(`${object.kind}/${object.metadata.name}`)
      if (pools.has(component)) return there || object.kind !== 'Pod' ? [object] : []
      return [there ? hold(there) : object]
    }),
  }
}

/** What is not there: the object, or keys of it; undefined where nothing is missing. */
function missing(context: Context, { kind, name, keys }: Use): string | undefined {
  const object = referred(context, { kind, name })
  if (object === undefined) return `${kind} ${name}`
  const absent = keys.filter(key => isAbsent(object, key))
  return absent.length > 0 ? `${absent.join(', ')} in ${kind} ${name}` : undefined
}

/** A file may be empty, a password may not. */
const isAbsent = ({ kind, data, binaryData }: ConfigMap, key: string) =>
  kind === 'Secret' ? !data?.[key] : data?.[key] === undefined && !binaryData?.[key]

const componentOf = ({ metadata }: KubeObject) =>
  metadata.labels?.['app.kubernetes.io/component'] ?? ''
