import type { KubeObject } from '../../../src/kube/types.ts'

/** The kind that the toy hook serves. */
export const toyCrd: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'toys.example.test' },
  spec: {
    group: 'example.test',
    scope: 'Namespaced',
    names: { kind: 'Toy', plural: 'toys', singular: 'toy', listKind: 'ToyList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

const inPlace = { method: 'InPlace' }

/** The controllers that call the toy hook. */
export function toyControllers(url: string): KubeObject[] {
  const hook = (path: string) => ({ version: 'v2', webhook: { url: `${url}${path}` } })
  return [
    {
      apiVersion: 'metacontroller.k8s.io/v1alpha1',
      kind: 'CompositeController',
      metadata: { name: 'toys' },
      spec: {
        parentResource: {
          apiVersion: 'example.test/v1',
          resource: 'toys',
          ignoreStatusChanges: true,
        },
        generateSelector: true,
        resyncPeriodSeconds: 60,
        childResources: [
          { apiVersion: 'v1', resource: 'configmaps', updateStrategy: inPlace },
          { apiVersion: 'v1', resource: 'secrets', updateStrategy: { method: 'OnDelete' } },
          { apiVersion: 'v1', resource: 'services', updateStrategy: inPlace },
          { apiVersion: 'v1', resource: 'pods', updateStrategy: inPlace },
          { apiVersion: 'apps/v1', resource: 'deployments', updateStrategy: inPlace },
        ],
        hooks: { sync: hook('/sync'), customize: hook('/customize') },
      },
    },
    {
      apiVersion: 'metacontroller.k8s.io/v1alpha1',
      kind: 'DecoratorController',
      metadata: { name: 'toy-observer' },
      spec: {
        resources: [
          {
            apiVersion: 'v1',
            resource: 'pods',
            labelSelector: { matchLabels: { observed: 'yes' } },
          },
        ],
        hooks: { sync: hook('/observe') },
      },
    },
  ]
}

/** Everything for Metacontroller's user: this suite is about behaviour, not about rights. */
export const toyRights: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'toy-metacontroller' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'metacontroller', namespace: 'metacontroller' }],
}
