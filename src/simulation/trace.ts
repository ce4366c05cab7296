/*
 * A day as a CSV of `minute,room,participants`: from that minute on so many people are in the
 * room, until its next line. It is what jicofo's or prosody's logs can be turned into.
 */

/** People who come to a meeting in one minute and leave it in another. */
export interface Cohort {
  /** Minute of the day. */
  at: number
  participants: number
  minutes: number
}

/** A meeting: from the first person in an empty room until the last one leaves. */
export interface TracedMeeting {
  room: string
  at: number
  minutes: number
  cohorts: Cohort[]
}

export interface Trace {
  name: string
  meetings: TracedMeeting[]
  /** Minutes from the start of the first day until everybody has left. */
  minutes: number
  /** Minute at which a new release is rolled out, if the day has one. */
  rolloutAt: number | undefined
}

interface Line {
  minute: number
  room: string
  participants: number
}

const rollout = '#rollout'

/** Reads a day. Throws with the line's number where one is wrong. */
export function parseTrace(name: string, csv: string): Trace {
  const lines = csv
    .split(/\r?\n/)
    .map((text, index) => ({ text: text.trim(), number: index + 1 }))
    .filter(({ text }) => text !== '' && text !== 'minute,room,participants')
    .map(({ text, number }) => parseLine(text, number))
  const rooms = new Map<string, Line[]>()
  for (const line of lines) rooms.set(line.room, [...(rooms.get(line.room) ?? []), line])
  const rolloutAt = rooms.get(rollout)?.[0]?.minute
  rooms.delete(rollout)
  const meetings = [...rooms].flatMap(([room, own]) => meetingsOf(room, own))
  meetings.sort((a, b) => a.at - b.at || (a.room < b.room ? -1 : 1))
  const minutes = Math.max(0, ...meetings.map(meeting => meeting.at + meeting.minutes))
  return { name, meetings, minutes, rolloutAt }
}

function parseLine(text: string, number: number): Line {
  const [minute, room = '', participants, ...more] = text.split(',')
  const line = { minute: Number(minute), room, participants: Number(participants) }
  const whole = [line.minute, line.participants].every(n => Number.isInteger(n) && n >= 0)
  if (!whole || room === '' || more.length > 0) {
    throw new Error(`line ${number}: ${JSON.stringify(text)} is not minute,room,participants`)
  }
  return line
}

function meetingsOf(room: string, lines: Line[]): TracedMeeting[] {
  const meetings: TracedMeeting[] = []
  let present: { at: number; participants: number }[] = []
  let cohorts: Cohort[] = []
  const count = () => present.reduce((sum, { participants }) => sum + participants, 0)
  for (const { minute, participants } of lines.toSorted((a, b) => a.minute - b.minute)) {
    const change = participants - count()
    if (change > 0) present = [...present, { at: minute, participants: change }]
    else {
      const left = leave(present, -change, minute)
      present = left.present
      cohorts = [...cohorts, ...left.gone]
    }
    if (participants === 0 && cohorts.length > 0) {
      meetings.push(meetingOf(room, cohorts))
      cohorts = []
    }
  }
  const open = present.length > 0
  if (open) throw new Error(`room ${room}: its last line must have 0 participants`)
  return meetings
}

/** Who came first leaves first: it makes no difference to any bridge. */
function leave(present: { at: number; participants: number }[], leaving: number, minute: number) {
  const gone: Cohort[] = []
  const stay: typeof present = []
  let rest = leaving
  for (const { at, participants } of present) {
    const going = Math.min(rest, participants)
    rest -= going
    if (going > 0) gone.push({ at, participants: going, minutes: minute - at })
    if (going < participants) stay.push({ at, participants: participants - going })
  }
  return { present: stay, gone }
}

function meetingOf(room: string, cohorts: Cohort[]): TracedMeeting {
  const at = Math.min(...cohorts.map(cohort => cohort.at))
  const end = Math.max(...cohorts.map(cohort => cohort.at + cohort.minutes))
  return { room, at, minutes: end - at, cohorts }
}

/** People present in each minute. */
export function presentPerMinute({ meetings, minutes }: Trace): number[] {
  const present = new Array<number>(minutes).fill(0)
  for (const { at, participants, minutes: stay } of meetings.flatMap(({ cohorts }) => cohorts)) {
    for (let minute = at; minute < at + stay; minute++) {
      present[minute] = (present[minute] ?? 0) + participants
    }
  }
  return present
}
