import { isDeepStrictEqual } from 'node:util'
import { type Selector, selects } from '../../../src/simulation/fleet/selector.ts'
import { isCode, type LiveObject } from '../kube-client.ts'
import { every, onlyStatusChanged } from './changes.ts'
import type { Environment, Running } from './composite.ts'
import { type Change, type Informer, keyOf } from './informer.ts'
import { callHook, type Hook } from './webhook.ts'
import { WorkQueue } from './work-queue.ts'

interface ResourceRule {
  apiVersion: string
  resource: string
  labelSelector?: Selector
  annotationSelector?: Selector
  ignoreStatusChanges?: boolean
}

interface Definition extends LiveObject {
  spec: {
    resources: ResourceRule[]
    attachments?: unknown[]
    resyncPeriodSeconds?: number
    hooks: { sync: Hook; customize?: Hook; finalize?: Hook }
  }
}

type Changes = Record<string, string | null>

interface Answer {
  labels?: Changes
  annotations?: Changes
  status?: unknown
  resyncAfterSeconds?: number
}

interface Target {
  rule: ResourceRule
  informer: Informer
}

/** Starts a DecoratorController that only labels and annotates; the rest is refused. */
export async function startDecorator(
  object: LiveObject,
  environment: Environment,
): Promise<Running> {
  const definition = object as Definition
  const { resources, attachments = [], hooks } = definition.spec
  if (attachments.length > 0 || hooks.customize || hooks.finalize) {
    throw new Error('the stand-in decorates without attachments, customize and finalize')
  }
  const targets = await Promise.all(
    resources.map(async rule => ({ rule, informer: await environment.informers.of(rule) })),
  )
  await Promise.all(targets.map(({ informer }) => informer.synced))
  return new Decorator(definition, targets, environment)
}

class Decorator implements Running {
  private readonly definition: Definition
  private readonly targets: readonly Target[]
  private readonly environment: Environment
  private readonly queue: WorkQueue
  private readonly ends: (() => void)[]

  constructor(definition: Definition, targets: readonly Target[], environment: Environment) {
    this.definition = definition
    this.targets = targets
    this.environment = environment
    this.queue = new WorkQueue(key => this.sync(key), environment.onError)
    this.ends = [
      ...targets.map((target, index) =>
        target.informer.listen(change => this.changed(index, target, change)),
      ),
      every(definition.spec.resyncPeriodSeconds, () => this.resync()),
    ]
  }

  stop(): void {
    this.queue.stop()
    for (const end of this.ends) end()
  }

  private resync(): void {
    for (const [index, { rule, informer }] of this.targets.entries()) {
      for (const object of informer.list()) {
        if (isSelected(rule, object)) this.queue.add(`${index}:${keyOf(object)}`)
      }
    }
  }

  private changed(index: number, { rule }: Target, { previous, current }: Change): void {
    if (!current || !isSelected(rule, current)) return
    if (rule.ignoreStatusChanges && previous && onlyStatusChanged(previous, current)) return
    this.queue.add(`${index}:${keyOf(current)}`)
  }

  private async sync(key: string): Promise<void> {
    const [index, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
    const target = this.targets[Number(index)]
    const object = target?.informer.list().find(it => keyOf(it) === name)
    if (!target || !object || !isSelected(target.rule, object)) return
    const request = {
      controller: this.definition,
      object,
      attachments: {},
      related: {},
      finalizing: false,
    }
    const answer = await callHook<Answer>(this.definition.spec.hooks.sync, request, [
      'labels',
      'annotations',
      'status',
      'attachments',
      'resyncAfterSeconds',
      'finalized',
    ])
    if (answer.status) throw new Error('the stand-in decorates no status')
    if (answer.resyncAfterSeconds) this.queue.addAfter(key, answer.resyncAfterSeconds * 1000)
    await this.write(object, answer)
  }

  /** A full PUT, only when something differs; a conflict is mended by the event that follows. */
  private async write(object: LiveObject, answer: Answer): Promise<void> {
    const { labels: oldLabels = {}, annotations: oldAnnotations = {} } = object.metadata
    const labels = changedBy(oldLabels, answer.labels)
    const annotations = changedBy(oldAnnotations, answer.annotations)
    if (isDeepStrictEqual([labels, annotations], [oldLabels, oldAnnotations])) return
    const decorated = { ...object, metadata: { ...object.metadata, labels, annotations } }
    try {
      await this.environment.client.update(decorated)
    } catch (error) {
      if (!isCode(error, 404, 409)) throw error
    }
  }
}

function isSelected({ labelSelector, annotationSelector }: ResourceRule, object: LiveObject) {
  const { labels, annotations } = object.metadata
  return selects(labelSelector, labels) && selects(annotationSelector, annotations)
}

/** A null takes a key away, a key that is not named stays. */
function changedBy(old: Record<string, string>, changes: Changes = {}): Record<string, string> {
  const merged = { ...old, ...changes }
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}
