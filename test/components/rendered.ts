import type { SyncRequest } from '../../src/api/metacontroller.ts'
import type { Context } from '../../src/components/context.ts'
import { passwordKeys } from '../../src/components/passwords.ts'
import { contextOf } from '../../src/core/context.ts'
import type { Plan } from '../../src/core/plan.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { canonicalJson } from '../../src/kube/hash.ts'
import { keyOf } from '../../src/kube/observed.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'

/** Monday morning. */
export const now = new Date('2026-03-02T08:00:00Z')

/** What a test says of the cluster beside the spec. */
export interface Surroundings {
  children?: KubeObject[]
  related?: KubeObject[]
  childKinds?: string[]
  status?: Record<string, unknown>
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The Secret that an earlier plan made: everything else waits for it. */
export const passwords: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'meet', namespace: 'school' },
  type: 'Opaque',
  data: Object.fromEntries(passwordKeys.map(key => [key, base64(`kept-${key}`)])),
}

function byKind(objects: KubeObject[]): Record<string, Record<string, KubeObject>> {
  const map: Record<string, Record<string, KubeObject>> = {}
  for (const object of objects) {
    const [group, version] = object.apiVersion.includes('/')
      ? object.apiVersion.split('/')
      : [undefined, object.apiVersion]
    const kind = `${object.kind}.${group ? `${group}/` : ''}${version}`
    map[kind] = { ...map[kind], [`school/${object.metadata.name}`]: object }
  }
  return map
}

/** The request that Metacontroller would post for the Jitsi `meet` with this spec. */
export function request(spec: object, surroundings: Surroundings = {}): SyncRequest {
  const { children = [], related = [], childKinds = [], status } = surroundings
  return {
    controller: {
      spec: {
        childResources: childKinds.map(resource => ({ apiVersion: 'v1', resource })),
        hooks: {
          sync: { webhook: { url: 'http://jitsi-operator.ops.svc:8080/jitsi/sync?rev=1' } },
        },
      },
    },
    parent: {
      apiVersion: 'apps.jit.si/v1alpha1',
      kind: 'Jitsi',
      metadata: { name: 'meet', namespace: 'school', generation: 1 },
      spec: { domain: 'meet.example.org', ...spec },
      ...(status ? { status } : {}),
    },
    children: byKind(
      children.some(({ kind }) => kind === 'Secret') ? children : [passwords, ...children],
    ),
    related: byKind(related),
  }
}

/** What the builders know of the Jitsi `meet` with this spec. */
export function context(spec: object = {}, surroundings: Surroundings = {}): Context {
  return contextOf(request(spec, surroundings), now)
}

/** The whole plan for the Jitsi `meet` with this spec. */
export function planned(spec: object = {}, surroundings: Surroundings = {}): Plan {
  let drawn = 0
  return reconcile(request(spec, surroundings), {
    now,
    password: () => {
      drawn += 1
      return `drawn-${drawn}`
    },
  })
}

/** The objects that the Jitsi `meet` with this spec should have. */
export function rendered(spec: object = {}, surroundings: Surroundings = {}): KubeObject[] {
  return planned(spec, surroundings).response.children
}

/** The object of that kind and name; without it the test has nothing to look at. */
export function find<T extends KubeObject = KubeObject>(
  objects: readonly KubeObject[],
  kind: string,
  name: string,
): T {
  const found = objects.find(object => object.kind === kind && object.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name} among ${objects.map(keyOf).join(', ')}`)
  return found as T
}

/** The environment of the first container of a Deployment or Pod, by name. */
export function environmentOf(object: KubeObject): Record<string, unknown> {
  const spec =
    object.kind === 'Pod' ? (object as Pod).spec : (object as Deployment).spec?.template.spec
  const env = spec?.containers[0]?.env ?? []
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))
}

/** Names (`kind/name`) of objects that one set has and another has not, or has otherwise. */
export function changes(before: readonly KubeObject[], after: readonly KubeObject[]): string[] {
  const texts = (objects: readonly KubeObject[]) =>
    new Map(
      objects.map(object => [`${object.kind}/${object.metadata.name}`, canonicalJson(object)]),
    )
  const [old, young] = [texts(before), texts(after)]
  return [...new Set([...old.keys(), ...young.keys()])]
    .filter(name => old.get(name) !== young.get(name))
    .sort()
}
