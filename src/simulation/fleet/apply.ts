import type { KubeObject } from '../../kube/types.ts'

type Fields = Record<string, unknown>

/** The members by which Metacontroller tells the entries of a list apart, in its order. */
const listKeys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Metacontroller's dynamic apply, a merge of three: what the hook wants goes over what is there;
 * what it wanted last and no longer wants goes away; what others wrote stays.
 */
export function merged(observed: unknown, last: unknown, desired: unknown): unknown {
  if (observed === desired) return observed
  if (isFields(observed) && isFields(desired)) {
    return mergedFields(observed, isFields(last) ? last : {}, desired)
  }
  if (Array.isArray(observed) && Array.isArray(desired)) {
    return mergedList(observed, Array.isArray(last) ? last : [], desired)
  }
  return desired
}

function mergedFields(observed: Fields, last: Fields, desired: Fields): Fields {
  const kept = Object.entries(observed).filter(([name]) => !(name in last) || name in desired)
  const wanted = Object.entries(desired).map(([name, value]) => [
    name,
    name in observed ? merged(observed[name], last[name], value) : value,
  ])
  return Object.fromEntries([...kept, ...wanted])
}

function mergedList(observed: unknown[], last: unknown[], desired: unknown[]): unknown[] {
  const all = [...observed, ...last, ...desired]
  const key = listKeys.find(name => all.every(entry => isFields(entry) && name in entry))
  if (key === undefined) return desired
  const byKey = (list: unknown[]) =>
    Object.fromEntries((list as Fields[]).map(entry => [String(entry[key]), entry]))
  return Object.values(mergedFields(byKey(observed), byKey(last), byKey(desired)))
}

/** The object with what is wanted of it; system metadata and status stay as they are. */
export function applied(current: KubeObject, last: KubeObject | undefined, desired: KubeObject) {
  const next = merged(current, last, desired) as KubeObject
  const { labels = {}, annotations = {} } = next.metadata
  const metadata = { ...current.metadata, labels, annotations }
  return { ...next, metadata, status: current.status } as KubeObject
}
