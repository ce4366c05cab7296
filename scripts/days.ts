import { Random } from '../src/simulation/fleet/random.ts'

/*
 * The days that the policies are compared on, made up from timetables. They are written to
 * examples/traces as CSV once; whoever has real ones replays those.
 */

interface Held {
  room: string
  /** Minute at which it begins. */
  at: number
  minutes: number
  participants: number
  /** Minutes over which people come, from this many before the beginning on. */
  early?: number
  late?: number
}

const clock = (hours: number, minutes = 0) => hours * 60 + minutes

/** The lines of one meeting: people come around its beginning and leave within two minutes. */
function linesOf({ room, at, minutes, participants, early = 3, late = 3 }: Held): string[] {
  const lines: string[] = []
  const steps = early + late
  for (let step = 1; step <= steps; step++) {
    // Slowly at first, most of them around the bell, stragglers at the end.
    const share = steps === 1 ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * step) / steps)
    lines.push(`${at - early + step},${room},${Math.round(participants * share)}`)
  }
  lines.push(`${at + minutes},${room},${Math.ceil(participants / 5)}`)
  lines.push(`${at + minutes + 2},${room},0`)
  return lines
}

const csv = (meetings: Held[], extra: string[] = []) =>
  `${['minute,room,participants', ...extra, ...meetings.flatMap(linesOf)].join('\n')}\n`

/** A school of 600: 24 classes, six lessons with breaks, and parents in the evening. */
export function school(): string {
  const random = new Random(11)
  const lessons = [
    clock(8),
    clock(8, 50),
    clock(9, 50),
    clock(10, 40),
    clock(11, 40),
    clock(12, 30),
  ]
  const classes = lessons.flatMap((at, lesson) =>
    Array.from({ length: 24 }, (_, number) => ({
      room: `class-${number + 1}`,
      at,
      minutes: 45,
      participants: Math.round(random.between(20, 28)),
      // The last lessons are not for everybody.
    })).filter(() => lesson < 4 || random.chance(0.6)),
  )
  const parents = Array.from({ length: 6 }, (_, number) => ({
    room: `parents-${number + 1}`,
    at: clock(19),
    minutes: 70,
    participants: 18,
  }))
  return csv([...classes, ...parents])
}

/** A university, 4,000 at once: lectures at quarter past, seminars, the library until night. */
export function university(): string {
  const random = new Random(12)
  const slots = [8, 10, 12, 14, 16, 18]
  const weight = [0.5, 1, 0.7, 1, 0.8, 0.3]
  const meetings = slots.flatMap((hour, slot) => {
    const share = weight[slot] ?? 0
    const held = (kind: string, count: number, people: [number, number]): Held[] =>
      Array.from({ length: Math.round(count * share) }, (_, number) => ({
        room: `${kind}-${hour}-${number + 1}`,
        at: clock(hour, 15),
        minutes: 88,
        participants: Math.round(random.between(...people)),
        early: 6,
        late: 5,
      }))
    return [...held('lecture', 12, [80, 200]), ...held('seminar', 110, [12, 34])]
  })
  const groups = Array.from({ length: 60 }, (_, number) => ({
    room: `group-${number + 1}`,
    at: clock(9) + Math.round(random.between(0, 12 * 60)),
    minutes: Math.round(random.between(40, 150)),
    participants: Math.round(random.between(3, 7)),
  }))
  return csv([...meetings, ...groups])
}

function officeMeetings(): Held[] {
  const random = new Random(13)
  return Array.from({ length: 420 }, (_, number) => {
    const half = Math.round(random.between(0, 18))
    return {
      room: `office-${number + 1}`,
      at: clock(8, 30) + half * 30,
      minutes: random.chance(0.5) ? 28 : 55,
      participants: Math.round(random.between(2, 11)),
      early: 1,
      late: 2,
    }
  })
}

/** An office: meetings of a few, all day. */
export const office = (): string => csv(officeMeetings())

/** The same day with a new release at eleven. */
export const rollout = (): string => csv(officeMeetings(), [`${clock(11)},#rollout,0`])

/** One lecture for 500, and little else. */
export function lecture(): string {
  const others = Array.from({ length: 10 }, (_, number) => ({
    room: `group-${number + 1}`,
    at: clock(9 + (number % 8)),
    minutes: 50,
    participants: 6,
  }))
  const main = {
    room: 'lecture',
    at: clock(14),
    minutes: 90,
    participants: 500,
    early: 10,
    late: 5,
  }
  return csv([main, ...others])
}

/** Nobody, and then 1,500 people in three minutes. */
export function crowd(): string {
  const rooms = Array.from({ length: 60 }, (_, number) => ({
    room: `crowd-${number + 1}`,
    at: clock(10),
    minutes: 60,
    participants: 25,
    early: 1,
    late: 2,
  }))
  return csv(rooms)
}

/** All days by the name of their file. */
export const days: Record<string, () => string> = {
  'school-day': school,
  university,
  office,
  lecture,
  'flash-crowd': crowd,
  rollout,
}
