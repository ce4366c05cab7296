import { referred } from '../components/content.ts'
import type { Context } from '../components/context.ts'
import { pageFiles } from '../components/web-files.ts'
import { hold } from '../kube/hold.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'

/** Which component reads which ConfigMap of the user's. */
function referencesOf(context: Context): { component: string; name: string }[] {
  const { web, prosody } = context.spec
  const custom = (component: string, name: string | undefined) =>
    name === undefined ? [] : [{ component, name }]
  return [
    ...custom('web', web.customConfigCM?.name),
    ...pageFiles(context).map(({ name }) => ({ component: 'web', name })),
    ...custom('prosody', prosody.customProsodyConfigCM?.name),
  ]
}

/**
 * Leaves components as they are whose ConfigMaps are missing: a ConfigMap that is deleted by
 * mistake must not take the interface along. A component that is not there yet is made all the
 * same, and its Pods wait for the ConfigMap as Kubernetes has it.
 */
export function holdUnresolved(
  context: Context,
  objects: KubeObject[],
): { objects: KubeObject[]; missing: string[] } {
  const unresolved = referencesOf(context).filter(
    ({ name }) => referred(context, { kind: 'ConfigMap', name }) === undefined,
  )
  const components = new Set(
    unresolved.map(({ component }) => childName(context.instance, component)),
  )
  const observed = new Map(
    context.observed.all.map(object => [`${object.kind}/${object.metadata.name}`, object]),
  )
  return {
    missing: [...new Set(unresolved.map(({ name }) => `ConfigMap ${name}`))].sort(),
    objects: objects.map(object => {
      const there = observed.get(`${object.kind}/${object.metadata.name}`)
      return there && components.has(object.metadata.name) ? hold(there) : object
    }),
  }
}
