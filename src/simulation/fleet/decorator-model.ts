import { annotation, label } from '../../kube/annotations.ts'
import type { KubeObject, Pod } from '../../kube/types.ts'
import type { Edges } from '../../observer/edges.ts'
import { observe } from '../../observer/observe.ts'
import { idOf, type ObjectStore } from './object-store.ts'
import type { Timeline } from './timeline.ts'

export interface DecoratorSettings {
  timeline: Timeline
  store: ObjectStore
  edges: Edges
  /** When what can be read at the Pod last changed, in seconds. */
  changedAt: (pod: Pod) => number
}

/** What is known of the looks at one Pod. */
interface Watched {
  /** Only the look that was planned last is made. */
  planned: number
  /** The version of the Pod at the first and last look of a row that had nothing to write. */
  quiet: { version: string | undefined; since: number; last: number } | undefined
}

/**
 * Seconds in which nothing changed after which another look can find nothing new: 10 until it is
 * measured, 10 until the next look, 30 between two writes, 15 between two readings of an empty one.
 */
const settledAfter = 75

/**
 * What Metacontroller's DecoratorController does: looks at each of our Pods after each change of
 * it and when the observer asked to be called again, and writes the annotations it answers.
 */
export class DecoratorModel {
  looks = 0
  writes = 0
  /** Until then the observer is not called at all. */
  outageUntil = 0
  readonly #settings: DecoratorSettings
  readonly #watched = new Map<string, Watched>()

  constructor(settings: DecoratorSettings) {
    this.#settings = settings
    settings.store.watch(({ after, before }) => {
      if (after?.metadata.labels?.[label.observe]) this.#plan(after, 0.1)
      else if (before && !after) this.#watched.delete(idOf(before))
    })
  }

  #plan(pod: KubeObject, seconds: number): void {
    const id = idOf(pod)
    const watched = this.#watched.get(id) ?? { planned: 0, quiet: undefined }
    this.#watched.set(id, watched)
    const turn = ++watched.planned
    this.#settings.timeline.in(seconds, () => {
      const due = watched.planned === turn && this.#watched.get(id) === watched
      return due ? this.#look(id, watched) : undefined
    })
  }

  async #look(id: string, watched: Watched): Promise<void> {
    const { store, timeline, edges } = this.#settings
    const pod = store.list('Pod').find(object => idOf(object) === id) as Pod | undefined
    if (pod === undefined) return
    if (timeline.seconds < this.outageUntil) return this.#plan(pod, 5)
    if (this.#isSettled(pod, watched)) return this.#plan(pod, 10)
    this.looks++
    const { annotations, resyncAfterSeconds } = await observe({ object: pod }, edges)
    const changed = Object.keys(annotations).length > 0
    if (!changed) watched.quiet = this.#quiet(pod, watched)
    if (resyncAfterSeconds) this.#plan(pod, resyncAfterSeconds)
    if (changed) this.#write(pod, annotations)
  }

  #quiet({ metadata }: Pod, { quiet }: Watched): Watched['quiet'] {
    const { resourceVersion: version } = metadata
    const last = this.#settings.timeline.seconds
    return { version, since: quiet?.version === version ? (quiet?.since ?? last) : last, last }
  }

  /** Nothing could be new: the Pod is the same, and all that it reports has long been read. */
  #isSettled(pod: Pod, { quiet }: Watched): boolean {
    const { changedAt } = this.#settings
    if (quiet === undefined || quiet.version !== pod.metadata.resourceVersion) return false
    return quiet.last - Math.max(quiet.since, changedAt(pod)) > settledAfter
  }

  #write(pod: Pod, changes: Record<string, string | null>): void {
    const annotations = Object.entries({ ...pod.metadata.annotations, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    )
    const metadata = { ...pod.metadata, annotations: Object.fromEntries(annotations) }
    if (this.#settings.store.update({ ...pod, metadata })) this.writes++
  }

  /** Somebody removes the facts of a Pod. */
  loseFacts(pod: KubeObject): void {
    this.#settings.store.patch(pod, current => {
      const { [annotation.facts]: _lost, ...kept } = current.metadata.annotations ?? {}
      return { ...current, metadata: { ...current.metadata, annotations: kept } }
    })
  }
}
