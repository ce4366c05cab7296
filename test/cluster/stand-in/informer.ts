import { setTimeout as pause } from 'node:timers/promises'
import { groupPath, type KubeClient, type LiveObject, type Resource } from '../kube-client.ts'

/** `previous` is undefined for a new object, `current` for a deleted one. */
export type Change = { previous?: LiveObject; current?: LiveObject }
export type Listener = (change: Change) => void

interface ListAnswer {
  items: LiveObject[]
  metadata: { resourceVersion: string }
}

/** A cache of every object of one kind in the cluster, kept current by list and watch. */
export class Informer {
  readonly resource: Resource
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>
  private readonly client: KubeClient
  private readonly objects = new Map<string, LiveObject>()
  private readonly listeners = new Set<Listener>()
  private readonly end = new AbortController()
  private markSynced = () => {}

  constructor(client: KubeClient, resource: Resource) {
    this.client = client
    this.resource = resource
    this.synced = new Promise(resolve => {
      this.markSynced = resolve
    })
    void this.run()
  }

  /** Like client-go: what is known already comes to a new listener as new objects. */
  listen(listener: Listener): () => void {
    for (const current of this.objects.values()) listener({ current })
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  get(namespace: string | undefined, name: string): LiveObject | undefined {
    return this.objects.get(namespace ? `${namespace}/${name}` : name)
  }

  list(): LiveObject[] {
    return [...this.objects.values()]
  }

  stop(): void {
    this.end.abort()
  }

  private async run(): Promise<void> {
    while (!this.end.signal.aborted) {
      try {
        await this.follow(await this.relist())
      } catch {
        // Whatever broke the watch, a new list mends it.
        await pause(100, undefined, { signal: this.end.signal }).catch(() => {})
      }
    }
  }

  private get path(): string {
    return `${groupPath(this.resource.apiVersion)}/${this.resource.plural}`
  }

  private async relist(): Promise<string> {
    const list = await this.client.raw<ListAnswer>(this.path)
    const seen = new Set<string>()
    for (const item of list.items) {
      const object = this.whole(item)
      seen.add(keyOf(object))
      this.store(object)
    }
    for (const [key, object] of this.objects) if (!seen.has(key)) this.forget(object)
    this.markSynced()
    return list.metadata.resourceVersion
  }

  private async follow(resourceVersion: string): Promise<void> {
    const query = `watch=true&resourceVersion=${resourceVersion}`
    for await (const event of this.client.watch(`${this.path}?${query}`, this.end.signal)) {
      if (event.type === 'ERROR') throw new Error('watch expired')
      if (event.type === 'DELETED') this.forget(event.object)
      else if (event.type !== 'BOOKMARK') this.store(event.object)
    }
  }

  /** Items of a list come without kind and apiVersion. */
  private whole(item: LiveObject): LiveObject {
    const { apiVersion, kind } = this.resource
    return { ...item, apiVersion, kind }
  }

  private store(current: LiveObject): void {
    const key = keyOf(current)
    const previous = this.objects.get(key)
    if (previous?.metadata.resourceVersion === current.metadata.resourceVersion) return
    this.objects.set(key, current)
    this.tell(previous ? { previous, current } : { current })
  }

  private forget(previous: LiveObject): void {
    this.objects.delete(keyOf(previous))
    this.tell({ previous })
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change)
  }
}

/** `namespace/name`, or the bare name of a cluster-scoped object: v2 hooks use the same keys. */
export function keyOf({ metadata }: { metadata: { name: string; namespace?: string } }): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name
}

/** The informers of one process: each kind is watched once, whoever asks. */
export class Informers {
  private readonly client: KubeClient
  private readonly byKind = new Map<string, Informer>()

  constructor(client: KubeClient) {
    this.client = client
  }

  /** The informer of a declared resource; an error when the API server does not serve it. */
  async of({ apiVersion, resource }: { apiVersion: string; resource: string }): Promise<Informer> {
    const found = await this.client.discover(apiVersion, it => it.plural === resource)
    if (!found) throw new Error(`discovery: can't find resource ${resource} in ${apiVersion}`)
    const key = `${apiVersion}/${resource}`
    const known = this.byKind.get(key)
    if (known) return known
    const informer = new Informer(this.client, found)
    this.byKind.set(key, informer)
    return informer
  }

  stop(): void {
    for (const informer of this.byKind.values()) informer.stop()
  }
}
