import type { Bridge } from './bridge.ts'
import { Conference, Participant } from './conference.ts'
import type { Jicofo } from './jicofo.ts'
import type { Random } from './random.ts'
import type { Cause, Departure } from './tally.ts'
import type { Timeline } from './timeline.ts'

/** One meeting to come. */
export interface Meeting {
  room: string
  participants: number
  minutes: number
  /** Seconds over which its people come; they leave over the same time at the end. */
  gather?: number
  /** See Conference. */
  weight?: number
}

/** Seconds after which people without media reload the page. */
const patience = 60

/** Who comes to which meeting, which bridge jicofo sends them to, and where they go from there. */
export class People {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #jicofos: readonly Jicofo[]
  readonly departures: Departure[] = []
  readonly counts = { refused: 0, joins: 0, present: 0, peak: 0, redistributed: 0 }

  constructor(surroundings: { timeline: Timeline; random: Random; jicofos: readonly Jicofo[] }) {
    this.#timeline = surroundings.timeline
    this.#random = surroundings.random
    this.#jicofos = surroundings.jicofos
  }

  get #now(): number {
    return this.#timeline.seconds
  }

  /** A meeting is held: its people come, stay, and leave. */
  arrive({ room, participants, minutes, gather = 60, weight = 1 }: Meeting): Conference {
    const shard = [...room].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
    const conference = new Conference(room, { shard: shard % this.#jicofos.length, weight })
    this.jicofoOf(conference).conferences.add(conference)
    for (let person = 0; person < participants; person++) {
      const come = participants === 1 ? 0 : (gather * person) / (participants - 1)
      this.#timeline.in(come, () => this.#come(conference, minutes * 60))
    }
    const over = minutes * 60 + gather
    this.#timeline.in(over, () => void this.jicofoOf(conference).conferences.delete(conference))
    return conference
  }

  /** More people come to a meeting that is held, and leave again before it is over. */
  attend(conference: Conference, people: Pick<Meeting, 'participants' | 'minutes' | 'gather'>) {
    const { participants, minutes, gather = 60 } = people
    for (let person = 0; person < participants; person++) {
      const come = (gather * person) / participants
      this.#timeline.in(come, () => this.#come(conference, minutes * 60 - come))
    }
  }

  /** Everybody leaves a meeting before its time. */
  adjourn(conference: Conference): void {
    for (const person of [...conference.people]) this.#leave(person)
    this.jicofoOf(conference).conferences.delete(conference)
  }

  /** Jicofo moves them to other bridges while theirs stays. */
  sendAway(people: readonly Participant[]): void {
    for (const person of people) {
      person.conference.unseat(person, this.#now)
      this.invite(person)
      this.counts.redistributed++
    }
  }

  jicofoOf(conference: Conference): Jicofo {
    const jicofo = this.#jicofos[conference.shard]
    if (jicofo === undefined) throw new Error(`there is no shard ${conference.shard}`)
    return jicofo
  }

  #come(conference: Conference, staySeconds: number): void {
    const person = new Participant(conference)
    conference.people.add(person)
    this.counts.joins++
    this.counts.present++
    this.counts.peak = Math.max(this.counts.peak, this.counts.present)
    this.invite(person)
    this.#timeline.in(staySeconds, () => this.#leave(person))
  }

  #leave(person: Participant): void {
    const { conference } = person
    if (!conference.people.delete(person)) return
    conference.unseat(person, this.#now)
    this.counts.present--
  }

  /** Finds a bridge for somebody; without one they reload after a while, as people do. */
  invite(person: Participant): boolean {
    const { conference } = person
    if (!conference.people.has(person) || person.bridge) return true
    const jicofo = this.jicofoOf(conference)
    const isAway = jicofo.isDown(this.#now) || jicofo.hangs(this.#now)
    const bridge = isAway ? undefined : jicofo.select(conference, this.#now)
    if (bridge === undefined) {
      if (!person.refused && !isAway) this.counts.refused++
      person.refused = true
      this.#timeline.in(patience, () => void this.invite(person))
      return false
    }
    conference.seat(person, bridge, this.#now)
    bridge.totals.endpoints++
    if (bridge.iceFailures > 0 && this.#random.chance(bridge.iceFailures)) {
      bridge.totals.iceFailed++
    }
    return true
  }

  /** Meeting by meeting: first its session on the bridge ends, then everybody is invited again. */
  reseat(
    everybody: readonly Participant[],
    { bridge, cause }: { bridge: Bridge; cause: Cause },
  ): Departure {
    const people = everybody.filter(person => person.conference.people.has(person))
    const departure = { at: this.#now, bridge: bridge.name, cause, moved: 0, cut: 0 }
    for (const conference of new Set(people.map(person => person.conference))) {
      const leaving = people.filter(person => person.conference === conference)
      for (const person of leaving) conference.unseat(person, this.#now)
      for (const person of leaving) {
        person.refused = true
        if (this.invite(person)) departure.moved++
        else departure.cut++
      }
    }
    if (people.length > 0) this.departures.push(departure)
    return departure
  }
}
