import { isDeepStrictEqual } from 'node:util'
import type { SyncRequest, SyncResponse } from '../../api/metacontroller.ts'
import type { KubeObject } from '../../kube/types.ts'
import { applied } from './apply.ts'
import { idOf, type ObjectStore } from './object-store.ts'
import { isOwned } from './owned.ts'
import { type CustomizeHook, RelatedObjects } from './related-objects.ts'
import type { Timeline } from './timeline.ts'
import { childResources, controller, objectMap } from './wire.ts'

export interface CompositeHooks {
  sync: (request: SyncRequest, now: Date) => SyncResponse
  customize?: CustomizeHook
}

export interface CompositeSettings {
  timeline: Timeline
  store: ObjectStore
  hooks: CompositeHooks
  /** Deletes as the API server does: gracefully, if it is a Pod. */
  remove: (object: KubeObject) => void
  /** How many changes old the children of the next request are. */
  staleness: () => number
  resyncPeriodSeconds: number
}

/** What Metacontroller's CompositeController does, and how often it wrote. */
export class CompositeModel {
  readonly writes = { create: 0, update: 0, delete: 0, status: 0 }
  /** Refused writes and failed hooks: a good plan has none. */
  readonly errors: string[] = []
  syncs = 0
  /** Until then nobody answers the hook. */
  outageUntil = 0
  readonly #settings: CompositeSettings
  readonly #lastApplied = new Map<string, KubeObject>()
  /** Version of an object and the answer for it that left nothing to write: no need to compare. */
  readonly #quiet = new Map<string, string>()
  readonly #queued = new Map<string, number>()
  readonly #related: RelatedObjects

  constructor(settings: CompositeSettings) {
    this.#settings = settings
    this.#related = new RelatedObjects(settings.hooks.customize)
    settings.store.watch(({ before, after }) => {
      const changed = after ?? before
      if (changed === undefined) return
      for (const parent of this.#parents()) {
        if (this.#concerns(parent, changed, before)) this.#enqueue(parent, 0.2)
      }
    })
  }

  #parents(): KubeObject[] {
    return this.#settings.store.list('Jitsi')
  }

  /** Own status changes do not wake it (ignoreStatusChanges). */
  #concerns(parent: KubeObject, changed: KubeObject, before: KubeObject | undefined): boolean {
    if (idOf(parent) === idOf(changed)) {
      return before?.metadata.generation !== changed.metadata.generation
    }
    return isOwned(changed, parent) || this.#related.names(parent, changed)
  }

  /** Calls of one parent that come together become one; of two later ones the earlier is kept. */
  #enqueue(parent: KubeObject, seconds: number): void {
    const id = idOf(parent)
    const { timeline } = this.#settings
    const due = timeline.seconds + seconds
    if ((this.#queued.get(id) ?? Number.POSITIVE_INFINITY) <= due) return
    this.#queued.set(id, due)
    timeline.in(seconds, () => {
      if (this.#queued.get(id) !== due) return
      this.#queued.delete(id)
      const current = this.#parents().find(other => idOf(other) === id)
      if (current?.metadata.uid === parent.metadata.uid && current) this.#sync(current)
    })
  }

  #sync(parent: KubeObject): void {
    const { hooks, timeline, store, staleness } = this.#settings
    if (timeline.seconds < this.outageUntil) {
      this.#enqueue(parent, 5)
      return
    }
    this.syncs++
    const seen = store.listAsOf(staleness())
    const children = seen.filter(object => isOwned(object, parent))
    const request: SyncRequest = {
      controller,
      parent,
      children: objectMap(children, childResources),
      related: this.#related.among(seen, parent),
      finalizing: false,
    }
    try {
      const response = hooks.sync(request, timeline.date)
      if (response.resyncAfterSeconds)
        this.#enqueue(parent, Math.max(1, response.resyncAfterSeconds))
      this.#apply(parent, children, response)
    } catch (error) {
      this.errors.push(`sync of ${parent.metadata.name} failed: ${(error as Error).stack}`)
      this.#enqueue(parent, 5)
    }
  }

  /** Deletions first, then the rest in the order of the answer, then the status. */
  #apply(parent: KubeObject, children: KubeObject[], response: SyncResponse): void {
    const { store, remove } = this.#settings
    const desired = response.children.map(child => inNamespace(child, parent))
    const wanted = new Set(desired.map(idOf))
    for (const child of children) {
      if (wanted.has(idOf(child)) || child.metadata.deletionTimestamp) continue
      this.writes.delete++
      remove(child)
    }
    const observed = new Map(children.map(child => [idOf(child), child]))
    for (const child of desired) {
      const current = observed.get(idOf(child))
      if (current) this.#update(current, child)
      else this.#create(parent, child)
    }
    const status = plain({ observedGeneration: parent.metadata.generation, ...response.status })
    store.patch(parent, current => {
      if (!isDeepStrictEqual(current.status, status)) this.writes.status++
      return { ...current, status }
    })
  }

  #create(parent: KubeObject, child: KubeObject): void {
    const { apiVersion, kind, metadata } = parent
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }
    const { status: _none, ...wanted } = plain(child)
    const created = this.#settings.store.create({
      ...(wanted as KubeObject),
      metadata: { ...wanted.metadata, ownerReferences: [owner] } as KubeObject['metadata'],
    })
    // One of the same name that the cache does not show yet: silently left alone.
    if (created === undefined) return
    this.writes.create++
    this.#lastApplied.set(created.metadata.uid ?? '', wanted as KubeObject)
  }

  #update(current: KubeObject, child: KubeObject): void {
    if (current.metadata.deletionTimestamp) return
    const { uid = '' } = current.metadata
    const echoed = child.spec !== undefined && child.spec === current.spec
    const text = JSON.stringify(echoed ? { ...child, spec: null } : child)
    const quiet = `${current.metadata.resourceVersion} ${text}`
    if (this.#quiet.get(uid) === quiet) return
    const parsed = JSON.parse(text) as KubeObject
    const desired = echoed ? { ...parsed, spec: child.spec } : parsed
    const last = this.#lastApplied.get(uid)
    const object = applied(current, last, desired)
    if (isDeepStrictEqual(object, applied(current, current, current))) {
      this.#quiet.set(uid, quiet)
      this.#lastApplied.set(uid, desired)
      return
    }
    if (current.kind === 'Pod' && !isDeepStrictEqual(object.spec, current.spec)) {
      this.errors.push(`the spec of Pod ${current.metadata.name} can't be changed`)
      return
    }
    // Changed since the cache saw it: the next sync tries again.
    if (!this.#settings.store.update(object)) return
    this.writes.update++
    this.#lastApplied.set(uid, desired)
  }

  /** Wakes all parents again and again, as resyncPeriodSeconds does. */
  start(): void {
    for (const parent of this.#parents()) this.#enqueue(parent, 0.2)
    this.#settings.timeline.in(this.#settings.resyncPeriodSeconds, () => this.start())
  }
}

/** As it would arrive in JSON. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function inNamespace(child: KubeObject, parent: KubeObject): KubeObject {
  const namespace = child.metadata.namespace ?? parent.metadata.namespace
  return { ...child, metadata: { ...child.metadata, ...(namespace && { namespace }) } }
}
