import type { KubeObject } from '../../src/kube/types.ts'

/** One rule of a Role or a ClusterRole. */
export interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/** The parts of a CompositeController or DecoratorController that tests look at. */
export interface Controller extends KubeObject {
  spec: {
    parentResource?: { apiVersion: string; resource: string }
    resources?: unknown
    childResources?: { apiVersion: string; resource: string; updateStrategy: { method: string } }[]
    hooks: Record<string, { version: string; webhook: Webhook }>
  }
}

export interface Webhook {
  url: string
  timeout: string
  caBundle?: { inline?: string; secretRef?: { name: string; namespace: string; key: string } }
  authorization?: { secretRef: { name: string; namespace: string; key: string } }
}

/** `group/resource verb`, one for each right that a role gives. */
export function rightsOf(rules: readonly Rule[]): Set<string> {
  return new Set(
    singleRights(rules).map(({ apiGroups, resources, verbs }) => {
      return `${apiGroups}/${resources} ${verbs}`
    }),
  )
}

/** The same rights, in rules of one each. */
export function singleRights(rules: readonly Rule[]): Rule[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap(group =>
      resources.flatMap(resource =>
        verbs.map(verb => ({ apiGroups: [group], resources: [resource], verbs: [verb] })),
      ),
    ),
  )
}

/** What Metacontroller needs to have these children: exactly what a role has to say about them. */
export function rightsForChildren({ spec }: Controller): Set<string> {
  return new Set(
    (spec.childResources ?? []).flatMap(({ apiVersion, resource, updateStrategy }) => {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
      const verbs = ['list', 'watch', 'create']
      // OnDelete are claims alone, which no answer ever leaves out.
      if (updateStrategy.method === 'InPlace') verbs.push('update', 'delete')
      return verbs.map(verb => `${group}/${resource} ${verb}`)
    }),
  )
}

/** What Metacontroller needs for this operator beside its children, each with its reason. */
export const otherRights = new Set([
  // The parent: informer, fresh copy before a status write, status, owner references.
  'apps.jit.si/jitsis list',
  'apps.jit.si/jitsis watch',
  'apps.jit.si/jitsis get',
  'apps.jit.si/jitsis/status update',
  'apps.jit.si/jitsis/finalizers update',
  // Related objects of the daemonset topology.
  '/nodes list',
  '/nodes watch',
])

/** What Metacontroller needs whatever it runs. */
export const coreRights = new Set([
  'metacontroller.k8s.io/compositecontrollers list',
  'metacontroller.k8s.io/compositecontrollers watch',
  'metacontroller.k8s.io/decoratorcontrollers list',
  'metacontroller.k8s.io/decoratorcontrollers watch',
  'metacontroller.k8s.io/controllerrevisions list',
  'metacontroller.k8s.io/controllerrevisions watch',
  'apiextensions.k8s.io/customresourcedefinitions list',
  'apiextensions.k8s.io/customresourcedefinitions watch',
  '/namespaces list',
  '/namespaces watch',
  '/events create',
  '/events patch',
])

/** Rules of the role whose name ends so, and whose kind is as named. */
export function rulesOf(objects: readonly KubeObject[], name: string): Rule[] {
  const role = objects.find(
    ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && metadata.name === name,
  )
  return (role as { rules?: Rule[] } | undefined)?.rules ?? []
}

/** The controller of a kind. */
export function controllerOf(objects: readonly KubeObject[], kind: string): Controller {
  const controller = objects.find(object => object.kind === kind)
  if (!controller) throw new Error(`no ${kind}`)
  return controller as Controller
}

/** All webhooks of all controllers. */
export function webhooksOf(objects: readonly KubeObject[]): Webhook[] {
  return ['CompositeController', 'DecoratorController'].flatMap(kind =>
    Object.values(controllerOf(objects, kind).spec.hooks).map(({ webhook }) => webhook),
  )
}
