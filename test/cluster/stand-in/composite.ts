import type { ObjectMap, SyncResponse } from '../../../src/api/metacontroller.ts'
import type { KubeObject } from '../../../src/kube/types.ts'
import type { KubeClient, LiveObject } from '../kube-client.ts'
import { every, onlyStatusChanged } from './changes.ts'
import { groupOf, objectMap, reconcileChildren } from './children.ts'
import { type Change, type Informer, type Informers, keyOf } from './informer.ts'
import { RelatedObjects } from './related.ts'
import { writeStatus } from './status.ts'
import { callHook, type Hook } from './webhook.ts'
import { WorkQueue } from './work-queue.ts'

interface Definition extends LiveObject {
  spec: {
    parentResource: { apiVersion: string; resource: string; ignoreStatusChanges?: boolean }
    childResources?: {
      apiVersion: string
      resource: string
      updateStrategy?: { method?: string }
    }[]
    generateSelector?: boolean
    resyncPeriodSeconds?: number
    hooks: { sync: Hook; customize?: Hook; finalize?: Hook }
  }
}

/** What the controllers of one stand-in share. */
export interface Environment {
  client: KubeClient
  informers: Informers
  onError: (about: string, error: unknown) => void
  /** The real process dies here. */
  crash: (why: string) => void
}

/** A running controller. */
export interface Running {
  stop: () => void
}

/**
 * Starts a CompositeController. Fails, as the real one does, when the parent has no status
 * subresource or a declared kind is not served; retrying is the caller's business.
 */
export async function startComposite(
  object: LiveObject,
  environment: Environment,
): Promise<Running> {
  const definition = object as Definition
  const { parentResource, childResources = [], generateSelector, hooks } = definition.spec
  if (!generateSelector || hooks.finalize) {
    throw new Error('the stand-in needs generateSelector, and no finalize hook')
  }
  const { informers } = environment
  const parents = await informers.of(parentResource)
  if (!parents.resource.subresources.includes('status')) {
    throw new Error(`${parentResource.resource}: no status subresource`)
  }
  const children = await Promise.all(childResources.map(child => informers.of(child)))
  await Promise.all([parents, ...children].map(informer => informer.synced))
  return new Composite({ definition, parents, children, environment })
}

interface Parts {
  definition: Definition
  parents: Informer
  children: Informer[]
  environment: Environment
}

class Composite implements Running {
  private readonly parts: Parts
  private readonly queue: WorkQueue
  private readonly related: RelatedObjects | undefined
  private readonly ends: (() => void)[]

  constructor(parts: Parts) {
    this.parts = parts
    const { definition, parents, children, environment } = parts
    const { customize } = definition.spec.hooks
    this.queue = new WorkQueue(key => this.sync(key), environment.onError)
    const enqueue = (parent: LiveObject) => this.queue.add(keyOf(parent))
    this.related =
      customize &&
      new RelatedObjects({
        hook: customize,
        controller: definition,
        parents,
        informers: environment.informers,
        enqueue,
      })
    this.ends = [
      parents.listen(change => this.parentChanged(change)),
      ...children.map(child => child.listen(change => this.childChanged(change))),
      every(definition.spec.resyncPeriodSeconds, () => {
        for (const parent of parents.list()) enqueue(parent)
      }),
    ]
  }

  stop(): void {
    this.queue.stop()
    this.related?.stop()
    for (const end of this.ends) end()
  }

  private parentChanged({ previous, current }: Change): void {
    const { ignoreStatusChanges } = this.parts.definition.spec.parentResource
    if (!current || (ignoreStatusChanges && previous && onlyStatusChanged(previous, current)))
      return
    this.queue.add(keyOf(current))
  }

  private childChanged({ previous, current }: Change): void {
    const child = current ?? previous
    const parent = child && this.ownerOf(child)
    if (parent) this.queue.add(keyOf(parent))
  }

  private ownerOf({ metadata }: LiveObject): LiveObject | undefined {
    const owner = metadata.ownerReferences?.find(reference => reference.controller)
    const parent = owner && this.parts.parents.get(metadata.namespace, owner.name)
    return parent?.metadata.uid === owner?.uid ? parent : undefined
  }

  private async sync(key: string): Promise<void> {
    const parent = this.parts.parents.list().find(it => keyOf(it) === key)
    if (!parent) return
    const { definition } = this.parts
    const observed = this.observedChildren(parent)
    const related = (await this.related?.of(parent)) ?? {}
    const request = {
      controller: definition,
      parent,
      children: observed,
      related,
      finalizing: false,
    }
    const answer = await callHook<Partial<SyncResponse>>(definition.spec.hooks.sync, request, [
      'status',
      'children',
      'resyncAfterSeconds',
      'finalized',
    ])
    const desired = this.desiredChildren(parent, answer.children ?? [])
    if (answer.resyncAfterSeconds) this.queue.addAfter(key, answer.resyncAfterSeconds * 1000)
    await this.carryOut({ parent, observed, desired, status: answer.status ?? {} })
  }

  /** The status is written even when some child could not be. */
  private async carryOut({ parent, observed, desired, status }: Outcome): Promise<void> {
    const { client } = this.parts.environment
    const methodOf = (object: KubeObject) => this.methodOf(object)
    try {
      if (!parent.metadata.deletionTimestamp) {
        await reconcileChildren(client, { parent, observed, desired, methodOf })
      }
    } finally {
      await writeStatus(client, parent, status)
    }
  }

  private observedChildren(parent: LiveObject): ObjectMap {
    const { children } = this.parts
    const { uid, namespace } = parent.metadata
    const groups = children.map(informer => {
      const own = informer
        .list()
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => metadata.labels?.['controller-uid'] === uid)
        .filter(({ metadata }) =>
          metadata.ownerReferences?.some(owner => owner.controller && owner.uid === uid),
        )
      return { [groupOf(informer.resource)]: {}, ...objectMap(own) }
    })
    return Object.assign({}, ...groups)
  }

  private desiredChildren(parent: LiveObject, children: readonly KubeObject[]): ObjectMap {
    if (children.some(child => child === null)) this.parts.environment.crash('a null in children')
    const { namespace = '', uid = '' } = parent.metadata
    return objectMap(
      children.map(child => ({
        ...child,
        metadata: {
          ...child.metadata,
          namespace: child.metadata.namespace ?? namespace,
          labels: { 'controller-uid': uid, ...child.metadata.labels },
        },
      })),
    )
  }

  private methodOf(object: KubeObject): string {
    const { definition, children } = this.parts
    const plural = children.find(({ resource }) => groupOf(resource) === groupOf(object))?.resource
      .plural
    const declared = definition.spec.childResources?.find(
      child => child.apiVersion === object.apiVersion && child.resource === plural,
    )
    return declared?.updateStrategy?.method || 'OnDelete'
  }
}

interface Outcome {
  parent: LiveObject
  observed: ObjectMap
  desired: ObjectMap
  status: Record<string, unknown>
}
