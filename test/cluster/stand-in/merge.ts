/*
 * Metacontroller's dynamic apply: a three-way merge of the observed object, the form that was
 * applied last (kept in an annotation) and the form wanted now. No kind is known to it; lists of
 * objects are merged by the first likely key that all their items have.
 */

type Json = unknown
type JsonObject = Record<string, unknown>

/** In order of precedence. */
const mergeKeys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

/** The observed object, brought to the desired form; fields that others added stay. */
export function threeWayMerge(
  observed: JsonObject,
  lastApplied: JsonObject | undefined,
  desired: JsonObject,
): JsonObject {
  return mergeObject(structuredClone(observed), lastApplied ?? {}, desired)
}

function merge(observed: Json, lastApplied: Json, desired: Json): Json {
  if (isObject(observed)) return mergeObject(observed, asObject(lastApplied), asObject(desired))
  if (Array.isArray(observed)) return mergeList(observed, asList(lastApplied), asList(desired))
  return desired
}

function mergeObject(observed: JsonObject, lastApplied: JsonObject, desired: JsonObject) {
  for (const key of Object.keys(lastApplied)) if (!(key in desired)) delete observed[key]
  for (const [key, value] of Object.entries(desired)) {
    observed[key] = merge(observed[key], lastApplied[key], value)
  }
  return observed
}

function mergeList(observed: Json[], lastApplied: Json[], desired: Json[]): Json[] {
  const key = mergeKeyOf([...observed, ...lastApplied, ...desired])
  if (key === undefined) return desired
  const byKey = (list: Json[]) =>
    Object.fromEntries(list.map(item => [String(asObject(item)[key]), item]))
  const merged = mergeObject(byKey(observed), byKey(lastApplied), byKey(desired))
  const order = [...observed, ...desired].map(item => String(asObject(item)[key]))
  return [...new Set(order)].filter(name => name in merged).map(name => merged[name])
}

function mergeKeyOf(items: Json[]): string | undefined {
  if (items.length === 0 || !items.every(isObject)) return undefined
  return mergeKeys.find(key => items.every(item => key in (item as JsonObject)))
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asObject(value: Json): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new Error(`expecting an object, got ${JSON.stringify(value)}`)
  return value
}

function asList(value: Json): Json[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Error(`expecting a list, got ${JSON.stringify(value)}`)
  return value
}
