import type { CustomizeResponse, ObjectMap, RelatedRule } from '../../../src/api/metacontroller.ts'
import { selects } from '../../../src/simulation/fleet/selector.ts'
import type { LiveObject } from '../kube-client.ts'
import { groupOf, objectMap } from './children.ts'
import type { Change, Informer, Informers } from './informer.ts'
import { callHook, type Hook } from './webhook.ts'

interface Options {
  hook: Hook
  /** The CompositeController itself: it is in every request. */
  controller: LiveObject
  parents: Informer
  informers: Informers
  enqueue: (parent: LiveObject) => void
}

/**
 * The objects that a parent wants to see without owning them. The customize hook is asked once for
 * each uid and generation of a parent; a change of an object that a rule names wakes the parent.
 */
export class RelatedObjects {
  private readonly options: Options
  private readonly rules = new Map<string, Promise<RelatedRule[]>>()
  private readonly listening = new Map<Informer, () => void>()

  constructor(options: Options) {
    this.options = options
  }

  /** Related objects by kind; every kind that a rule names is there, be it empty. */
  async of(parent: LiveObject): Promise<ObjectMap> {
    const related: ObjectMap = {}
    for (const rule of await this.rulesOf(parent)) {
      const informer = await this.informerOf(rule)
      const group = groupOf(informer.resource)
      const matching = objectMap(informer.list().filter(object => matches(rule, object)))
      related[group] = { ...related[group], ...matching[group] }
    }
    return related
  }

  stop(): void {
    for (const stopListening of this.listening.values()) stopListening()
  }

  private rulesOf(parent: LiveObject): Promise<RelatedRule[]> {
    const key = `${parent.metadata.uid}/${parent.metadata.generation}`
    const known = this.rules.get(key)
    if (known) return known
    const asked = this.ask(parent)
    this.rules.set(key, asked)
    // Only answers are kept, so that a failed call is made again.
    asked.catch(() => this.rules.delete(key))
    return asked
  }

  private async ask(parent: LiveObject): Promise<RelatedRule[]> {
    const { controller, hook } = this.options
    const answer = await callHook<CustomizeResponse>(hook, { controller, parent }, [
      'relatedResources',
    ])
    return answer.relatedResources ?? []
  }

  private async informerOf(rule: RelatedRule): Promise<Informer> {
    const informer = await this.options.informers.of(rule)
    await informer.synced
    if (!this.listening.has(informer)) {
      this.listening.set(informer, () => {})
      const listener = (change: Change) => void this.wake(informer, change)
      this.listening.set(informer, informer.listen(listener))
    }
    return informer
  }

  private async wake({ resource }: Informer, { previous, current }: Change): Promise<void> {
    const changed = [previous, current].filter(object => object !== undefined)
    for (const parent of this.options.parents.list()) {
      const rules = await this.rulesOf(parent).catch(() => [])
      const concerned = rules
        .filter(
          rule => rule.apiVersion === resource.apiVersion && rule.resource === resource.plural,
        )
        .some(rule => changed.some(object => matches(rule, object)))
      if (concerned) this.options.enqueue(parent)
    }
  }
}

function matches(rule: RelatedRule, { metadata }: LiveObject): boolean {
  const { namespace, names = [], labelSelector } = rule
  if (names.length > 0 && labelSelector) {
    throw new Error('a related rule cannot have both names and a labelSelector')
  }
  if (namespace && metadata.namespace && metadata.namespace !== namespace) return false
  return names.length > 0 ? names.includes(metadata.name) : selects(labelSelector, metadata.labels)
}
