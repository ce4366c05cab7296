import type { OurPolicy } from './ours.ts'
import { type Sizes, usualSizes } from './sizes.ts'

/*
 * What somebody who runs such an installation would write. A timetable is known beforehand; a
 * flash crowd is not.
 */

const timetables: Record<string, Record<string, unknown>[]> = {
  'school-day': [{ name: 'lessons', cron: '40 7 * * 1-5', duration: '5h45m', minReplicas: 9 }],
  university: [
    { name: 'lectures', cron: '45 7 * * 1-5', duration: '11h', minReplicas: 24 },
    { name: 'midday', cron: '45 9 * * 1-5', duration: '6h', minReplicas: 48 },
  ],
  office: [{ name: 'office hours', cron: '40 8 * * 1-5', duration: '8h', minReplicas: 5 }],
  rollout: [{ name: 'office hours', cron: '40 8 * * 1-5', duration: '8h', minReplicas: 5 }],
  lecture: [{ name: 'the lecture', cron: '40 13 * * 1-5', duration: '2h', minReplicas: 6 }],
}

/** Large rooms and many people want large bridges. */
const largeBridges = new Set(['university', 'lecture', 'flash-crowd'])

/** The bridges of a day. */
export const sizesOf = (day: string): Sizes =>
  largeBridges.has(day) ? { ...usualSizes, cpus: 8 } : usualSizes

/** Our defaults by both sources, and with the day's timetable where there is one. */
export function policiesOf(day: string): OurPolicy[] {
  const schedule = timetables[day]
  const stress = { metric: { source: 'stress' } }
  return [
    { name: 'ours, cpu', autoscaling: { metric: { source: 'cpu' } } },
    { name: 'ours, stress', autoscaling: stress },
    ...(schedule ? [{ name: 'ours, schedule', autoscaling: { ...stress, schedule } }] : []),
  ]
}
