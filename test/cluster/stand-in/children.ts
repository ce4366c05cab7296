import { isDeepStrictEqual } from 'node:util'
import type { ObjectMap } from '../../../src/api/metacontroller.ts'
import type { KubeObject } from '../../../src/kube/types.ts'
import { isCode, type KubeClient, type LiveObject, referenceTo } from '../kube-client.ts'
import { keyOf } from './informer.ts'
import { threeWayMerge } from './merge.ts'

const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

/** The API server's own fields: a hook can neither set nor change them. */
const systemFields = [
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
] as const

/** What has to become true of the children of one parent. */
export interface Children {
  parent: LiveObject
  observed: ObjectMap
  desired: ObjectMap
  /** The update strategy declared for a kind: OnDelete, InPlace or Recreate. */
  methodOf: (object: KubeObject) => string
}

/** The name of a kind in hook requests: `Pod.v1`, `Deployment.apps/v1`. */
export function groupOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${kind}.${apiVersion}`
}

/** Objects by kind and key; of two with the same key the last one counts. */
export function objectMap(objects: readonly KubeObject[]): ObjectMap {
  const map: ObjectMap = {}
  for (const object of objects) {
    const group = groupOf(object)
    map[group] = { ...map[group], [keyOf(object)]: object }
  }
  return map
}

/**
 * Deletes what is not desired, then creates and updates the rest. An error does not keep the other
 * objects from their turn; all of them are thrown together at the end.
 */
export async function reconcileChildren(client: KubeClient, children: Children): Promise<void> {
  const errors: unknown[] = []
  const attempt = (step: Promise<unknown>) => step.catch(error => errors.push(error))
  for (const child of undesired(children)) await attempt(remove(client, child))
  for (const [group, desired] of Object.entries(children.desired)) {
    for (const [key, object] of Object.entries(desired)) {
      const observed = children.observed[group]?.[key] as LiveObject | undefined
      const wanted = structuredClone(object)
      await attempt(
        observed
          ? update(client, { observed, desired: wanted, method: children.methodOf(object) })
          : create(client, wanted, children.parent),
      )
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '))
}

function undesired({ observed, desired }: Children): LiveObject[] {
  return Object.entries(observed).flatMap(([group, objects]) =>
    Object.entries(objects)
      .filter(([key, object]) => !object.metadata.deletionTimestamp && !desired[group]?.[key])
      .map(([, object]) => object as LiveObject),
  )
}

async function remove(client: KubeClient, child: LiveObject): Promise<void> {
  try {
    await client.remove(referenceTo(child), child.metadata.uid)
  } catch (error) {
    if (!isCode(error, 404)) throw error
  }
}

/** An object of that name that is not ours is left alone, silently. */
async function create(client: KubeClient, desired: KubeObject, parent: LiveObject) {
  const child = rememberApplied(desired, desired) as LiveObject
  const { ownerReferences = [] } = child.metadata
  child.metadata.ownerReferences = [...ownerReferences, ownerReference(parent)]
  try {
    await client.create(child)
  } catch (error) {
    if (!isCode(error, 409)) throw error
  }
}

interface Update {
  observed: LiveObject
  desired: KubeObject
  method: string
}

async function update(client: KubeClient, { observed, desired, method }: Update): Promise<void> {
  const merged = mergedWith(observed, desired)
  if (isDeepStrictEqual(merged, observed) || observed.metadata.deletionTimestamp) return
  try {
    if (method === 'InPlace') await client.update(merged)
    else if (method === 'Recreate')
      await client.remove(referenceTo(observed), observed.metadata.uid)
    else if (method !== 'OnDelete') throw new Error(`the stand-in knows no strategy ${method}`)
  } catch (error) {
    if (!isCode(error, 404, 409)) throw error
  }
}

function mergedWith(observed: LiveObject, desired: KubeObject): KubeObject {
  delete desired.metadata.annotations?.[lastAppliedAnnotation]
  const stored = observed.metadata.annotations?.[lastAppliedAnnotation]
  const merged = threeWayMerge(observed, stored && JSON.parse(stored), {
    ...desired,
  }) as KubeObject
  const metadata = merged.metadata as unknown as Record<string, unknown>
  for (const field of systemFields) {
    revert(metadata, observed.metadata as unknown as Record<string, unknown>, field)
  }
  revert(merged, observed, 'status')
  return rememberApplied(merged, desired)
}

function revert(object: Record<string, unknown>, from: Record<string, unknown>, field: string) {
  if (field in from) object[field] = from[field]
  else delete object[field]
}

function rememberApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = {
    ...object.metadata.annotations,
    [lastAppliedAnnotation]: goJson(applied),
  }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function ownerReference(parent: LiveObject) {
  const { apiVersion, kind, metadata } = parent
  const { name, uid = '' } = metadata
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** As Go writes it: keys sorted, `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  const sorted = JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  )
  const code = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0')
  return sorted.replace(/[<>&\u2028\u2029]/g, character => `\\u${code(character)}`)
}
