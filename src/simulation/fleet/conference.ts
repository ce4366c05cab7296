import type { Bridge } from './bridge.ts'

/** One person (or one room system) in one meeting. */
export class Participant {
  readonly conference: Conference
  /** Where their media is; undefined while they wait or after they were cut. */
  bridge: Bridge | undefined
  /** They were refused before: counted once, however often they reload the page. */
  refused = false

  constructor(conference: Conference) {
    this.conference = conference
  }
}

/**
 * One meeting: its people and the bridges that carry them. Bridges of one meeting exchange its
 * media by relays, which costs each of them a little for everybody who is elsewhere.
 */
export class Conference {
  readonly room: string
  readonly shard: number
  /** What one of its people costs a bridge, 1 = a class with last-n 9, 2 = all cameras. */
  readonly weight: number
  readonly people = new Set<Participant>()
  /** People per bridge; the first bridge fixes the version. */
  readonly bridges = new Map<Bridge, number>()

  constructor(room: string, { shard, weight }: { shard: number; weight: number }) {
    this.room = room
    this.shard = shard
    this.weight = weight
  }

  get stranded(): Participant[] {
    return [...this.people].filter(person => person.bridge === undefined)
  }

  /** Puts somebody on a bridge. */
  seat(person: Participant, bridge: Bridge, now: number): void {
    person.bridge = bridge
    bridge.account(now)
    if (bridge.participants.size === 0) bridge.occupiedSince = now
    bridge.participants.add(person)
    this.bridges.set(bridge, (this.bridges.get(bridge) ?? 0) + 1)
    this.#settle(now)
  }

  /** Takes somebody off their bridge, if they are on one. */
  unseat(person: Participant, now: number): void {
    const { bridge } = person
    if (bridge === undefined) return
    person.bridge = undefined
    bridge.account(now)
    bridge.participants.delete(person)
    const left = (this.bridges.get(bridge) ?? 1) - 1
    if (left > 0) this.bridges.set(bridge, left)
    else this.bridges.delete(bridge)
    bridge.carry(this, 0, now)
    this.#settle(now)
  }

  #settle(now: number): void {
    const seated = [...this.bridges.values()].reduce((sum, count) => sum + count, 0)
    for (const [bridge, count] of this.bridges) {
      bridge.carry(this, this.weight * (count + relayShare * (seated - count)), now)
    }
  }
}

/** What a person on another bridge costs, compared with one of its own. */
export const relayShare = 0.1
