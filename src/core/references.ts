import { type Reference, referred } from '../components/content.ts'
import type { Context } from '../components/context.ts'
import { secretUses } from '../components/secret-references.ts'
import { pageFiles } from '../components/web-files.ts'
import { hold } from '../kube/hold.ts'
import type { KubeObject } from '../kube/types.ts'

/** Which component reads which ConfigMap or Secret of the user's. */
function referencesOf(context: Context): (Reference & { component: string })[] {
  const { web, prosody, auth } = context.spec
  const custom = (component: string, name: string | undefined) =>
    name === undefined ? [] : [{ kind: 'ConfigMap' as const, component, name }]
  return [
    ...custom('web', web.customConfigCM?.name),
    ...pageFiles(context).flatMap(({ name }) => custom('web', name)),
    ...custom('prosody', prosody.customProsodyConfigCM?.name),
    ...(auth.type === 'ldap' ? custom('prosody', auth.ldap?.caConfigMap?.name) : []),
    ...secretUses(context.spec).map(use => ({ kind: 'Secret' as const, ...use })),
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
    reference => referred(context, reference) === undefined,
  )
  const components = new Set(unresolved.map(({ component }) => component))
  const observed = new Map(
    context.observed.all.map(object => [`${object.kind}/${object.metadata.name}`, object]),
  )
  return {
    missing: [...new Set(unresolved.map(({ kind, name }) => `${kind} ${name}`))].sort(),
    objects: objects.map(object => {
      const there = observed.get(`${object.kind}/${object.metadata.name}`)
      return there && components.has(componentOf(object)) ? hold(there) : object
    }),
  }
}

const componentOf = ({ metadata }: KubeObject) =>
  metadata.labels?.['app.kubernetes.io/component'] ?? ''
