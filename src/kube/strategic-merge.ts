import { isRecord } from './hash.ts'

/*
 * What Kubernetes calls a strategic merge, for Pods: maps are merged member by member, and certain
 * lists by a key of their members; everything else is replaced. It differs from the API server's in
 * two things. Members of ours stay in front (the server puts new ones first, and the first container
 * is the one that `kubectl logs` shows). And a volume or variable that is given replaces where ours
 * comes from, as `kubectl apply` would have it, instead of having two sources at once.
 */

type Fields = Readonly<Record<string, unknown>>

/** Lists that are merged, by their name anywhere in a Pod, and the key of their members. */
export const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  env: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  ports: 'containerPort',
  resourceClaims: 'name',
  topologySpreadConstraints: 'topologyKey',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
}

/** Lists whose members are something with exactly one source. */
const oneSource = new Set(['env', 'volumes'])

const directive = '$patch'

/** `patch` laid over `original`. A member that is null is left out, as is what `$patch` says so of. */
export function strategicMerge<T extends object>(original: T, patch: object): T {
  return mergedMap(original as Fields, patch as Fields) as T
}

function mergedMap(original: Fields, patch: Fields): Fields {
  const { [directive]: how, ...given } = patch
  const kept = how === 'replace' ? {} : original
  const merged = Object.entries(given).map(([name, value]): [string, unknown] => [
    name,
    mergedValue(name, kept[name], value),
  ])
  return withoutNull({ ...kept, ...Object.fromEntries(merged) })
}

function mergedValue(name: string, original: unknown, patch: unknown): unknown {
  if (isRecord(patch)) {
    return patch[directive] === 'delete'
      ? null
      : mergedMap(isRecord(original) ? original : {}, patch)
  }
  const key = Object.hasOwn(mergeKeys, name) ? mergeKeys[name] : undefined
  if (key === undefined || !isListOfMaps(patch)) return patch
  // As the server has it, a list that is all new is taken as it is, equal keys or not.
  return isListOfMaps(original)
    ? patch.reduce((list, member) => laidOver({ name, key }, list, member), original)
    : patch.filter(member => member[directive] !== 'delete').map(member => mergedMap({}, member))
}

const isListOfMaps = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.every(isRecord)

/** One member of a patch laid over the list: merged into the one of its key, or added. */
function laidOver(
  { name, key }: { name: string; key: string },
  list: readonly Fields[],
  member: Fields,
): readonly Fields[] {
  const index = list.findIndex(there => there[key] === member[key])
  if (member[directive] === 'delete') return list.filter((_, position) => position !== index)
  const there = list[index]
  if (there === undefined) return [...list, mergedMap({}, member)]
  return list.with(index, mergedMap(kept(name, there, member), member))
}

/** What stays of a member of ours: all of it, or only the source that the patch names too. */
function kept(name: string, original: Fields, patch: Fields): Fields {
  if (!oneSource.has(name)) return original
  return Object.fromEntries(Object.entries(original).filter(([member]) => member in patch))
}

const withoutNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
