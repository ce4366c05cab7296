import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import type { KubeObject } from '../../src/kube/types.ts'
import { objectsIn, rendered } from '../chart/chart.ts'
import type { ControlPlane } from './control-plane.ts'
import { installCrds } from './metacontroller.ts'
import { makeNamespace } from './namespace.ts'
import { repositoryRoot } from './repository.ts'
import { findTools } from './tools/install.ts'

interface Webhook {
  url?: string
  service?: unknown
  path?: string
  caBundle?: unknown
}

/** Kinds of add-ons that a Jitsi can use; the suite has them in a bare form. */
export const addOns = [
  ['monitoring.coreos.com', 'v1', 'PodMonitor'],
  ['monitoring.coreos.com', 'v1', 'PrometheusRule'],
  ['gateway.networking.k8s.io', 'v1', 'HTTPRoute'],
] as const

/** Where the hooks are, and by which certificate their service is known, if it speaks TLS. */
export interface HookAddress {
  url: string
  ca?: string
}

/**
 * Installs the operator as the chart renders it, beside a Metacontroller that is there; only the
 * address of the hooks is ours, because the service runs outside of the cluster.
 */
export async function installOperator(plane: ControlPlane, hooks: HookAddress): Promise<void> {
  const { helm } = await findTools(['helm'])
  const objects = rendered(helm, {
    hook: { tls: { source: 'none' }, token: { enabled: false } },
    metacontroller: { enabled: false },
    controllers: { optionalKinds: { monitoring: 'always', gateway: 'always' } },
    rbac: { aggregateToEdit: true },
  })
  await makeNamespace(plane.client, 'jitsi-operator')
  await installCrds(plane, [
    ...addOnCrds(),
    ...objects.filter(({ kind }) => kind === 'CustomResourceDefinition'),
  ])
  // What Metacontroller needs for itself comes with Metacontroller, so not from our chart.
  for (const object of [...coreRights(), ...objects]) {
    if (!isHookOfHelm(object)) await plane.client.apply(pointedAt(hooks, object))
  }
}

/** `helm test` and the like run Pods of their own. */
function isHookOfHelm({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined
}

function coreRights(): KubeObject[] {
  const text = readFileSync(join(repositoryRoot, 'metacontroller/rbac.yaml'), 'utf8')
  return objectsIn(text).filter(({ metadata }) => metadata.name.endsWith('-core'))
}

function pointedAt({ url: base, ca }: HookAddress, object: KubeObject): KubeObject {
  if (!object.apiVersion.startsWith('metacontroller.k8s.io/')) return object
  const copy = structuredClone(object)
  const { hooks } = copy.spec as { hooks: Record<string, { webhook: Webhook }> }
  for (const hook of Object.values(hooks)) {
    const { url, path = '', service: _, ...rest } = hook.webhook
    const { pathname, search } = new URL(url ?? path, base)
    hook.webhook = {
      ...rest,
      url: new URL(`${pathname}${search}`, base).href,
      ...(ca ? { caBundle: { inline: ca } } : {}),
    }
  }
  return copy
}

/** The objects of one file of examples/, put into a namespace. */
export function example(file: string, namespace: string): KubeObject[] {
  const text = readFileSync(join(repositoryRoot, 'examples', file), 'utf8')
  return (loadAll(text) as KubeObject[]).map(object => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  }))
}

/** CRDs of the add-ons, without any schema. */
export function addOnCrds(): KubeObject[] {
  return addOns.map(([group, version, kind]) => addOn(group, version, kind))
}

function addOn(group: string, version: string, kind: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // The API server lets nobody define kinds of *.k8s.io without it.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  }
}
