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

function objectsOf(map: ObjectMap | undefined, group?: string): KubeObject[] {
  return Object.entries(map ?? {})
    .filter(([key]) => group === undefined || key === group)
    .flatMap(([, objects]) => Object.values(objects))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** Kind and name, which tell the objects of one namespace apart. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

const byName = <T extends KubeObject>(objects: KubeObject[]) =>
  new Map(objects.map(object => [object.metadata.name, object as T]))

/** Sorts a request's objects into kinds; the keys of Metacontroller's maps live here only. */
export function observedOf(children: ObjectMap, related: ObjectMap | undefined): Observed {
  return {
    all: objectsOf(children),
    pods: objectsOf(children, 'Pod.v1') as Pod[],
    deployments: byName<Deployment>(objectsOf(children, 'Deployment.apps/v1')),
    services: byName<Service>(objectsOf(children, 'Service.v1')),
    secrets: byName<Secret>(objectsOf(children, 'Secret.v1')),
    related: objectsOf(related),
  }
}

/** Related objects of one kind. */
export function relatedOf<T extends KubeObject = ConfigMap>(observed: Observed, kind: string): T[] {
  return observed.related.filter(object => object.kind === kind) as T[]
}
