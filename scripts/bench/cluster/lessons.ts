import type { Fleet } from '../../../src/simulation/fleet/fleet.ts'

/** What a bridge carries on average: a third of what jicofo gives it before it looks for others. */
const load = { meetings: 6, participants: 5, minutes: 20 }

/** Lets meetings begin and end for ever, as many as keep so many bridges moderately busy. */
export function lessons(fleet: Fleet, bridges: number): void {
  const { random, timeline } = fleet
  const meetings = bridges * load.meetings
  let number = 0
  const begin = (minutes: number) => {
    number += 1
    const participants = random.whole(2, 2 * load.participants - 2)
    fleet.people.arrive({ room: `lesson-${number}`, participants, minutes })
  }
  const next = () => {
    begin(random.between(0.5 * load.minutes, 1.5 * load.minutes))
    timeline.in(random.waiting((load.minutes * 60) / meetings), next)
  }
  for (let under = 0; under < meetings; under++) begin(random.between(1, load.minutes))
  next()
}

/** The load in words. */
export const loadText = `some ${load.meetings} meetings of ${load.participants} people on each bridge, ${load.minutes} minutes each`
