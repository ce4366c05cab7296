import type { Bridge } from './bridge.ts'
import type { Participant } from './conference.ts'
import type { Jicofo } from './jicofo.ts'
import type { Timeline } from './timeline.ts'

/** `jicofo.bridge.load-redistribution`. */
export interface RedistributionSettings {
  /** From this stress on people are sent away. */
  stressThreshold: number
  /** So many at a time. */
  endpoints: number
  intervalSeconds: number
  /** A bridge that people were sent away from is left alone for so long. */
  pauseSeconds: number
}

/** Jicofo's own settings, where only `enabled` is said. */
export const usualRedistribution: RedistributionSettings = {
  stressThreshold: 0.9,
  endpoints: 10,
  intervalSeconds: 60,
  pauseSeconds: 180,
}

/** What it works on: `sendAway` invites people again, which finds them another bridge. */
interface Shard {
  jicofo: Jicofo
  timeline: Timeline
  sendAway: (people: readonly Participant[]) => void
}

/**
 * Jicofo's LoadRedistributor: while some bridge has room, people of the largest meetings of each
 * full bridge are sent to others, and then that bridge is left alone for a while.
 */
export function redistribute(shard: Shard, settings: RedistributionSettings): void {
  const { jicofo, timeline, sendAway } = shard
  const sentAt = new Map<Bridge, number>()
  const turn = () => {
    timeline.in(settings.intervalSeconds, turn)
    const now = timeline.seconds
    if (!jicofo.hasRoom(now)) return
    for (const bridge of jicofo.bridgesFrom(settings.stressThreshold, now)) {
      if ((sentAt.get(bridge) ?? Number.NEGATIVE_INFINITY) > now - settings.pauseSeconds) continue
      sentAt.set(bridge, now)
      const people = fromLargestMeetings(bridge, settings.endpoints)
      jicofo.sentAway(bridge, people.length)
      sendAway(people)
    }
  }
  timeline.in(settings.intervalSeconds, turn)
}

function fromLargestMeetings(bridge: Bridge, endpoints: number): Participant[] {
  const here = (participant: Participant) => participant.conference.bridges.get(bridge) ?? 0
  return [...bridge.participants].sort((a, b) => here(b) - here(a)).slice(0, endpoints)
}
