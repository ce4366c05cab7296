import type { JibriSpec } from '../../api/jibri-spec.ts'
import { mostNewPods } from '../new-pods.ts'
import { mayRecord, type Recorder } from './recorder.ts'

/** Why recorders come and go: stable words, each with its meaning. */
export const recorderReason = {
  /** Fewer recorders than wanted, or none of the current template that is free. */
  RecorderNeeded: 'RecorderNeeded',
  /** More recorders than wanted: one goes that nobody records with. */
  RecorderSurplus: 'RecorderSurplus',
  /** Made from an older spec, and a current one is free in its place, or none is wanted. */
  RecorderOutdated: 'RecorderOutdated',
  /** Its Pod ended, or it served once and takes no more (`singleUseMode`). */
  RecorderThrough: 'RecorderThrough',
} as const

/** Why a recorder goes. */
interface Departure {
  reason: keyof typeof recorderReason
  message: string
}

/** What happens to the recorders. */
export interface Pool {
  /** How many should be there. */
  desired: number
  /** Names of recorders that go, and why. */
  removed: ReadonlyMap<string, Departure>
  /** How many are made now. */
  created: number
}

/** Recorders that should be there: those asked for, or as many as keep some free. */
export function desiredRecorders(spec: JibriSpec, recorders: readonly Recorder[]): number {
  if (!spec.enabled) return 0
  const busy = recorders.filter(recorder => mayRecord(recorder) && !recorder.lost).length
  const wanted = spec.minIdle > 0 ? Math.min(busy + spec.minIdle, spec.maxReplicas) : 0
  return Math.max(spec.replicas, wanted)
}

/**
 * Which recorders go and how many come. One that may hold a recording never goes, however many
 * there are and however old its template is. Of the others, those that ended or served once go at
 * once; an outdated one goes when a current one is free to take its place, so new ones come first.
 */
export function planPool(spec: JibriSpec, recorders: readonly Recorder[], revision: string): Pool {
  const desired = desiredRecorders(spec, recorders)
  const through = recorders.filter(({ state }) => state === 'Ended' || state === 'Expired')
  const alive = recorders.filter(
    ({ state }) => !['Ended', 'Expired', 'Terminating'].includes(state),
  )
  const counted = alive.filter(({ lost }) => !lost)
  const current = counted.filter(recorder => recorder.revision === revision)
  const outdated = counted.filter(
    recorder => recorder.revision !== revision && !mayRecord(recorder),
  )
  const surplus = leaving(current, current.length - desired)
  const ready = current.filter(({ state }) => state !== 'Starting').length
  const replaced = leaving(outdated, outdated.length - Math.max(0, desired - ready))
  // One more than wanted at a time, for a recorder takes two CPUs and more; and where none of them
  // ever answers, to make more and more would help nobody.
  const room = Math.max(desired + 1 - current.length - outdated.length, desired - counted.length)
  const missing = Math.min(desired - current.length, room, 2 * desired - alive.length)
  return {
    desired,
    removed: new Map([
      ...named(replaced, {
        reason: recorderReason.RecorderOutdated,
        message: `it is made from an older spec, and nobody records with it; ${desired} are wanted`,
      }),
      ...named(surplus, {
        reason: recorderReason.RecorderSurplus,
        message: `${desired} recorders are wanted, and nobody records with this one`,
      }),
      ...named(through, {
        reason: recorderReason.RecorderThrough,
        message: 'its Pod ended, or it served once and takes no more',
      }),
    ]),
    created: Math.min(Math.max(0, missing), mostNewPods),
  }
}

const named = (recorders: readonly Recorder[], departure: Departure) =>
  recorders.map(({ name }) => [name, departure] as const)

/** So many that may go, those that never served first, then the youngest. */
function leaving(recorders: readonly Recorder[], count: number): Recorder[] {
  return recorders
    .filter(recorder => !mayRecord(recorder))
    .sort(
      (a, b) =>
        Number(a.state !== 'Starting') - Number(b.state !== 'Starting') || b.index - a.index,
    )
    .slice(0, Math.max(0, count))
}
