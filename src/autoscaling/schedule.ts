import { Cron } from 'croner'
import { secondsOf } from '../api/schema.ts'

/** One entry of `spec.jvb.autoscaling.schedule`. */
export interface ScheduleEntry {
  readonly name: string
  /** Minute, hour, day of month, month, day of week. */
  readonly cron: string
  readonly timezone?: string
  readonly duration: string
  readonly minReplicas: number
}

/** An entry at work, or about to be. */
export interface Period {
  readonly name: string
  readonly minReplicas: number
  readonly begin: Date
  readonly end: Date
}

/** What the schedule says at a moment. */
export interface ScheduleState {
  /** Of the entries in force the one that asks for most, the first of them among equals. */
  readonly inForce: Period | undefined
  /** What begins next: an entry that is not in force, or one that is, for its next time. */
  readonly next: Period | undefined
  /** When any of this changes; undefined where it never does. */
  readonly nextBoundary: Date | undefined
}

/**
 * The moments at which an entry begins. Cron times are local times: where a clock change skips
 * one, the entry begins right after the gap, and where a time comes twice, at the first of them.
 * Undefined where the cron expression or the time zone is none.
 */
function beginnings({ cron, timezone }: ScheduleEntry, defaultZone: string): Cron | undefined {
  const zone = timezone ?? defaultZone
  try {
    // Croner itself finds out at the first run only.
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return new Cron(cron, {
      timezone: zone,
      mode: '5-part',
      fixedTimeRule: 'no-wildcard',
      paused: true,
    })
  } catch {
    return undefined
  }
}

/** An entry that begins again before it ends goes on; so often is followed up, at most. */
const mostRepeats = 100

/** When an entry that began at `begin` is over, taking repeats before its end together. */
function endOf(cron: Cron, begin: Date, milliseconds: number): Date {
  let end = new Date(begin.getTime() + milliseconds)
  let again = cron.nextRun(begin)
  for (let repeat = 0; again && again <= end && repeat < mostRepeats; repeat++) {
    end = new Date(again.getTime() + milliseconds)
    again = cron.nextRun(again)
  }
  return end
}

/** The period of an entry that is in force at `now`, if any, and the next one. */
function periodsOf(entry: ScheduleEntry, now: Date, defaultZone: string): Period[] {
  const cron = beginnings(entry, defaultZone)
  // A duration is time that passes, whatever clocks on walls do meanwhile.
  const milliseconds = secondsOf(entry.duration) * 1000
  // nextRun gives what comes strictly later: a beginning at now - duration is over now.
  const begin = cron?.nextRun(new Date(now.getTime() - milliseconds))
  if (!cron || !begin) return []
  const { name, minReplicas } = entry
  const from = (begin: Date) => ({
    name,
    minReplicas,
    begin,
    end: endOf(cron, begin, milliseconds),
  })
  const first = from(begin)
  const again = begin <= now ? cron.nextRun(first.end) : undefined
  return again ? [first, from(again)] : [first]
}

/** What is in force at `now`, what comes next and when to look again. */
export function scheduleAt(
  entries: readonly ScheduleEntry[],
  now: Date,
  defaultZone: string,
): ScheduleState {
  const periods = entries.flatMap(entry => periodsOf(entry, now, defaultZone))
  const running = periods.filter(({ begin }) => begin <= now)
  const coming = periods.filter(({ begin }) => begin > now)
  const [inForce] = running.toSorted((a, b) => b.minReplicas - a.minReplicas)
  const [next] = coming.toSorted((a, b) => a.begin.getTime() - b.begin.getTime())
  const boundaries = [...running.map(({ end }) => end), ...coming.map(({ begin }) => begin)]
  const [nextBoundary] = boundaries.toSorted((a, b) => a.getTime() - b.getTime())
  return { inForce, next, nextBoundary }
}

/** The indexes of entries whose cron expression is none; they are never in force. */
export function invalidEntries(entries: readonly ScheduleEntry[]): number[] {
  return entries.flatMap((entry, index) =>
    beginnings({ ...entry, timezone: 'UTC' }, 'UTC') ? [] : [index],
  )
}
