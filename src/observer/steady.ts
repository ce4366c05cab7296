import { coarse } from '../api/facts.ts'
import { timeText } from '../kube/conditions.ts'

/*
 * Values in steps that hold still: each write of a fact wakes the plan of the whole Jitsi, so a
 * value that wobbles around the edge of a step must not write at every turn.
 */

/** Stress in steps of 0.05; a kept step is left only when the measure is 0.04 away from it. */
export function steadyStress(measured: number, kept = 0): number {
  if (Math.abs(measured - kept) < 0.04) return kept
  return Math.round(measured * 20) / 20
}

/** Coarse counts; a kept step is left downwards only by more than half a step. */
export function steadyCount(count: number, kept: number | undefined): number {
  const step = coarse(count)
  if (kept === undefined || step >= kept || kept <= 5) return step
  const width = 2 ** Math.max(0, Math.floor(Math.log2(kept)) - 2)
  return count >= kept - width / 2 ? kept : step
}

/** What every kind of facts has: did it answer, since when, written when. */
export interface Written {
  reachable: boolean
  since: string
  at: string
}

/**
 * Milliseconds between two writes of one Pod's load: 500 bridges make at most 17 writes a second.
 */
const loadPause = 30_000

/**
 * The facts to write, or undefined when the written ones still say enough. A changed state is
 * written at once; when nothing but load changed, at most every 30 s. Unchanged facts keep their
 * `at`, so that an idle fleet writes nothing at all.
 */
export function factsToWrite<F extends Written>(
  next: F,
  written: F | undefined,
  { load, now }: { load: readonly (keyof F)[]; now: Date },
): F | undefined {
  if (written === undefined) return next
  const changed = (Object.keys({ ...written, ...next }) as (keyof F)[]).filter(
    key => key !== 'at' && next[key] !== written[key],
  )
  if (changed.some(key => !load.includes(key))) return next
  const age = now.getTime() - Date.parse(written.at)
  const recent = age >= 0 && age < loadPause
  return changed.length > 0 && !recent ? next : undefined
}

/** The same facts of something that does not answer any more; undefined if it never answered. */
export function unreachable<F extends Written>(written: F | undefined, now: Date): F | undefined {
  if (written === undefined || !written.reachable) return written
  return { ...written, reachable: false, since: timeText(now), at: timeText(now) }
}

/** `since` goes on while the reachability stays what it was. */
export function answering(written: Written | undefined, now: Date): Written {
  const at = timeText(now)
  return { reachable: true, since: written?.reachable ? written.since : at, at }
}
