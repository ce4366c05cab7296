import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../kube/types.ts'
import type { Timeline } from './timeline.ts'

/** What changed: a new object, another version of it, or its end. */
export type Change = { before: KubeObject | undefined; after: KubeObject | undefined }

/** How many changes back a cache may lag, and for how many seconds at most. */
const history = 20
const longestLag = 5

/** Tells objects apart, across kinds and namespaces. */
export function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

/**
 * The API server's memory. Objects are never edited, only replaced, and frozen, so that a plan
 * which writes into its request fails at once. Remembers its last states for caches that lag.
 */
export class ObjectStore {
  readonly #timeline: Timeline
  readonly #listeners: ((change: Change) => void)[] = []
  readonly #objects = new Map<string, KubeObject>()
  readonly #past: { at: number; id: string; before: KubeObject | undefined }[] = []
  #version = 0
  #uid = 0

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  get(kind: string, name: string, namespace?: string): KubeObject | undefined {
    return this.list(kind).find(
      ({ metadata }) =>
        metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
    )
  }

  /** All objects of a kind, or all there are. */
  list(kind?: string): KubeObject[] {
    const all = [...this.#objects.values()]
    return kind === undefined ? all : all.filter(object => object.kind === kind)
  }

  /** All objects as they were so many changes ago: what a cache that lags shows. */
  listAsOf(changesAgo: number): KubeObject[] {
    if (changesAgo === 0) return this.list()
    const objects = new Map(this.#objects)
    const since = this.#timeline.seconds - longestLag
    const late = this.#past.slice(-changesAgo).filter(({ at }) => at >= since)
    for (const { id, before } of late.reverse()) {
      if (before) objects.set(id, before)
      else objects.delete(id)
    }
    return [...objects.values()]
  }

  /** The stored object, or undefined: there is one of this name already. */
  create(object: KubeObject): KubeObject | undefined {
    if (this.#objects.has(idOf(object))) return undefined
    const created = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: `uid-${++this.#uid}`,
        generation: 1,
        resourceVersion: String(++this.#version),
        creationTimestamp: `${this.#timeline.date.toISOString().slice(0, 19)}Z`,
      },
    }
    this.#replace(undefined, created)
    return created
  }

  /** False if the object has changed since it was read, or is gone: a conflict. */
  update(object: KubeObject): boolean {
    const before = this.#objects.get(idOf(object))
    if (before?.metadata.resourceVersion !== object.metadata.resourceVersion) return false
    if (before === undefined || isDeepStrictEqual(before, object)) return true
    const { generation = 1 } = before.metadata
    const metadata = {
      ...object.metadata,
      generation: isDeepStrictEqual(before.spec, object.spec) ? generation : generation + 1,
      resourceVersion: String(++this.#version),
    }
    this.#replace(before, { ...object, metadata })
    return true
  }

  /** Changes the object as it is now, if it is still there. */
  patch(object: KubeObject, change: (current: KubeObject) => KubeObject): void {
    const current = this.#objects.get(idOf(object))
    if (current !== undefined && current.metadata.uid === object.metadata.uid) {
      this.update(change(current))
    }
  }

  remove(object: KubeObject): void {
    const before = this.#objects.get(idOf(object))
    if (before?.metadata.uid === object.metadata.uid) this.#replace(before, undefined)
  }

  /** Tells of every change, right after it. */
  watch(listener: (change: Change) => void): void {
    this.#listeners.push(listener)
  }

  #replace(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const changed = after ?? before
    if (changed === undefined) return
    const id = idOf(changed)
    if (after === undefined) this.#objects.delete(id)
    else this.#objects.set(id, freeze(after))
    this.#past.push({ at: this.#timeline.seconds, id, before })
    if (this.#past.length > history) this.#past.shift()
    for (const listener of this.#listeners) listener({ before, after })
  }
}

/** Freezes an object in depth; what is frozen already is taken to be so in depth. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
