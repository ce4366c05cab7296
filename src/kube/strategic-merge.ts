import { isRecord } from './record.ts'

/*
 * What Kubernetes calls a strategic merge, for Pods: maps are merged member by member, and certain
 * lists by a key of their members; everything else is replaced. It differs from the API server's in
 * two things. Members of ours stay in front (the server puts new ones first, and the first
 * container is the one that `kubectl logs` shows). And a volume or variable that is given replaces
 * where ours comes from, as `kubectl apply` would have it, instead of having two sources at once.
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

/**
 * `patch` laid over `original`. A member that is null is left out, as is what `$patch` says so of.
 */
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
    ? mergedList({ name, key }, original, patch)
    : patch.filter(member => member[directive] !== 'delete').map(member => mergedMap({}, member))
}

const isListOfMaps = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.every(isRecord)

/**
 * Members of a patch laid over a list, one after the other: each is merged into the first of its
 * key, or added. Places are looked up, since whoever writes a patch decides how long it is.
 */
function mergedList(
  { name, key }: { name: string; key: string },
  original: readonly Fields[],
  patch: readonly Fields[],
): readonly Fields[] {
  const list: (Fields | undefined)[] = [...original]
  const places = new Map<unknown, number[]>()
  const remember = (member: Fields, index: number) => {
    const same = places.get(member[key])
    if (same) same.push(index)
    else places.set(member[key], [index])
  }
  original.forEach(remember)
  for (const member of patch) {
    const same = places.get(member[key])
    const index = same?.[0]
    const there = index === undefined ? undefined : list[index]
    if (member[directive] === 'delete') {
      // The next one of the key, if there is one, is the first now.
      if (index !== undefined) list[index] = undefined
      same?.shift()
    } else if (index === undefined || there === undefined) {
      const added = mergedMap({}, member)
      remember(added, list.push(added) - 1)
    } else {
      list[index] = mergedMap(kept(name, there, member), member)
    }
  }
  return list.filter(member => member !== undefined)
}

/** What stays of a member of ours: all of it, or only the source that the patch names too. */
function kept(name: string, original: Fields, patch: Fields): Fields {
  if (!oneSource.has(name)) return original
  return Object.fromEntries(Object.entries(original).filter(([member]) => member in patch))
}

const withoutNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
