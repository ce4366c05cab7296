import type { ObjectMap, SyncRequest } from '../../src/api/metacontroller.ts'
import type { Context } from '../../src/components/context.ts'
import { contextOf } from '../../src/core/context.ts'
import type { PlanInputs } from '../../src/core/plan.ts'
import { digest } from '../../src/kube/hash.ts'
import type { KubeObject, Metadata } from '../../src/kube/types.ts'

/** The moment of every test: a school morning, outside the maintenance window. */
export const now = new Date('2026-11-23T10:00:00Z')

/** Some time before, when the objects of a test were made. */
export const earlier = '2026-11-23T09:00:00Z'

/** A password for tests, the same each time; what a cluster gets is random. */
export const password = () => 'made-for-a-test'

export const inputs: PlanInputs = { now, password }

/** A Jitsi with the least that it needs, and what the test is about. */
export function jitsi(
  parts: { name?: string; spec?: unknown; status?: unknown; metadata?: Partial<Metadata> } = {},
): KubeObject {
  const { name = 'meet', spec = {}, status, metadata = {} } = parts
  return {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name, namespace: 'school', uid: `uid-${digest(name)}`, generation: 1, ...metadata },
    spec: isFields(spec) ? { domain: 'meet.example.org', ...spec } : spec,
    ...(status === undefined ? {} : { status }),
  }
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Objects as Metacontroller's v2 hooks get them: by kind, then by `namespace/name`. */
export function objectMap(objects: readonly KubeObject[]): ObjectMap {
  const map: ObjectMap = {}
  for (const object of objects) {
    const { namespace, name } = object.metadata
    const group = `${object.kind}.${object.apiVersion}`
    map[group] = { ...map[group], [namespace ? `${namespace}/${name}` : name]: object }
  }
  return map
}

export interface RequestParts {
  jitsi?: KubeObject
  children?: readonly KubeObject[]
  related?: readonly KubeObject[]
  /** Plural names of optional kinds that the controller knows. */
  kinds?: readonly string[]
}

/** A call of the sync hook. */
export function request(parts: RequestParts = {}): SyncRequest {
  const { children = [], related = [], kinds = [] } = parts
  const childResources = kinds.map(resource => ({ apiVersion: 'any/v1', resource }))
  return {
    controller: { spec: { childResources } },
    parent: parts.jitsi ?? jitsi(),
    children: objectMap(children),
    related: objectMap(related),
    finalizing: false,
  }
}

/** What the builders know, for a spec and what the cluster has. */
export function context(parts: RequestParts & { name?: string; spec?: unknown } = {}): Context {
  const { name = 'meet', spec = {} } = parts
  return contextOf(request({ jitsi: jitsi({ name, spec }), ...parts }), now)
}

/** An object of any kind, in the namespace of the tests. */
export function object(
  kind: string,
  name: string,
  fields: Record<string, unknown> & { metadata?: Partial<Metadata> } = {},
): KubeObject {
  const { metadata, ...rest } = fields
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1'
  return { apiVersion, kind, metadata: { name, namespace: 'school', ...metadata }, ...rest }
}

export const configMap = (name: string, data: Record<string, string>) =>
  object('ConfigMap', name, { data })

/** The one object of a kind and name among many; throws, since without it the test says nothing. */
export function only(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    ({ kind: its, metadata }) => its === kind && (name === undefined || metadata.name === name),
  )
  const [first] = found
  if (!first || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`)
  return first
}
