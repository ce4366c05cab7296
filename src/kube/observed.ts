import type { ObjectMap } from '../api/metacontroller.ts'
import type { ConfigMap, Deployment, KubeObject, Pod, Secret, Service } from './types.ts'

/** What the cluster has, by kind and sorted by name: the order of a request means nothing. */
export interface Observed {
  readonly all: readonly KubeObject[]
  readonly pods: readonly Pod[]
  readonly deployments: ReadonlyMap<string, Deployment>
  readonly services: ReadonlyMap<string, Service>
  readonly secrets: ReadonlyMap<string, Secret>
  /** Objects that are not children, by `kind/name`. */
  readonly related: readonly KubeObject[]
}

/**
 * The objects of a map, in the order of their names; of each there is one, whatever a request says.
 */
function sorted(map: ObjectMap | undefined): KubeObject[] {
  return Object.values(map ?? {})
    .flatMap(objects => Object.values(objects).map(object => ({ key: keyOf(object), object })))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter(({ key }, at, all) => key !== all[at - 1]?.key)
    .map(({ object }) => object)
}

/** Kind and name, which tell the objects of one namespace apart. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

const byName = <T extends KubeObject>(objects: readonly KubeObject[]) =>
  new Map(objects.map(object => [object.metadata.name, object as T]))

/** Sorts a request's objects into kinds, by what they are and not by where they stand in it. */
export function observedOf(children: ObjectMap, related: ObjectMap | undefined): Observed {
  const all = sorted(children)
  const of = (apiVersion: string, kind: string) =>
    all.filter(object => object.kind === kind && object.apiVersion === apiVersion)
  return {
    all,
    pods: of('v1', 'Pod') as Pod[],
    deployments: byName<Deployment>(of('apps/v1', 'Deployment')),
    services: byName<Service>(of('v1', 'Service')),
    secrets: byName<Secret>(of('v1', 'Secret')),
    related: sorted(related),
  }
}

/** Related objects of one kind. */
export function relatedOf<T extends KubeObject = ConfigMap>(observed: Observed, kind: string): T[] {
  return observed.related.filter(object => object.kind === kind) as T[]
}
