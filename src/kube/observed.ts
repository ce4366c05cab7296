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

/** An object with what it is found and sorted by. */
interface Sorted {
  group: string
  key: string
  object: KubeObject
}

function sorted(map: ObjectMap | undefined): Sorted[] {
  return Object.entries(map ?? {})
    .flatMap(([group, objects]) =>
      Object.values(objects).map(object => ({ group, key: keyOf(object), object })),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Kind and name, which tell the objects of one namespace apart. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

const byName = <T extends KubeObject>(objects: readonly KubeObject[]) =>
  new Map(objects.map(object => [object.metadata.name, object as T]))

/** Sorts a request's objects into kinds; the keys of Metacontroller's maps live here only. */
export function observedOf(children: ObjectMap, related: ObjectMap | undefined): Observed {
  const all = sorted(children)
  const of = (kind: string) => all.filter(({ group }) => group === kind).map(({ object }) => object)
  return {
    all: all.map(({ object }) => object),
    pods: of('Pod.v1') as Pod[],
    deployments: byName<Deployment>(of('Deployment.apps/v1')),
    services: byName<Service>(of('Service.v1')),
    secrets: byName<Secret>(of('Secret.v1')),
    related: sorted(related).map(({ object }) => object),
  }
}

/** Related objects of one kind. */
export function relatedOf<T extends KubeObject = ConfigMap>(observed: Observed, kind: string): T[] {
  return observed.related.filter(object => object.kind === kind) as T[]
}
