import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import type { KubeObject } from '../../src/kube/types.ts'

/**
 * The CRDs that Metacontroller works with: upstream's own from the file that METACONTROLLER_CRDS
 * names, else a bare form of them, without schema and defaults, that accepts whatever is written.
 */
export function metacontrollerCrds(): KubeObject[] {
  const file = process.env.METACONTROLLER_CRDS
  if (file) return loadAll(readFileSync(file, 'utf8')) as KubeObject[]
  return [
    bareCrd('CompositeController', 'Cluster'),
    bareCrd('DecoratorController', 'Cluster'),
    bareCrd('ControllerRevision', 'Namespaced'),
  ]
}

function bareCrd(kind: string, scope: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`
  const group = 'metacontroller.k8s.io'
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // The API server lets nobody else define kinds of *.k8s.io without this.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: kind === 'ControllerRevision' ? {} : { status: {} },
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  }
}
