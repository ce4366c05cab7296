import type { Fleet } from './fleet/fleet.ts'
import type { Timeline } from './fleet/timeline.ts'
import type { Sample } from './outcome.ts'
import type { Trace } from './trace.ts'

/** Lets the people of a day come and go, beginning so many seconds from now. */
export function replay(trace: Trace, fleet: Fleet, from: number): void {
  for (const { room, at, minutes, cohorts } of trace.meetings) {
    fleet.timeline.in(from + at * 60, () => {
      const conference = fleet.people.arrive({ room, participants: 0, minutes })
      for (const { at: came, participants, minutes: stay } of cohorts) {
        const gather = Math.min(60, stay * 60)
        fleet.timeline.in((came - at) * 60, () =>
          fleet.people.attend(conference, { participants, minutes: stay, gather }),
        )
      }
    })
  }
}

/** Takes a sample every minute of the day, beginning so many seconds from now. */
export function sampled(
  { minutes }: Trace,
  fleet: Fleet,
  day: { from: number; bridges: () => number; timeline: Timeline },
): Sample[] {
  const samples: Sample[] = []
  for (let minute = 0; minute < minutes; minute++) {
    day.timeline.in(day.from + minute * 60 + 59, () => {
      const running = fleet.bridges
      samples.push({
        minute,
        bridges: day.bridges(),
        people: running.reduce((sum, { participants }) => sum + participants.size, 0),
        worst: Math.max(0, ...running.map(({ stress }) => stress)),
      })
    })
  }
  return samples
}
