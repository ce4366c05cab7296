import type { Conference, Participant } from './conference.ts'
import { Delayed } from './delayed.ts'

export interface BridgeShape {
  name: string
  /** Cores of its CPU limit. */
  cpus?: number
  /** The release that jicofo compares. */
  version?: string
  /** Share of joiners whose media path fails: an advertised address that clients can't reach. */
  iceFailures?: number
  /** Seconds from process start until it is in the XMPP rooms; else drawn between 15 and 25. */
  bootSeconds?: number
  /** What it logs in to prosody with; undefined where no test cares. */
  password?: string | undefined
}

export interface LoadModel {
  /** Endpoints of weight 1 that bring one core to a stress of 0.8. */
  endpointsPerCpu: number
  shards: number
}

/** `Restarting`: the process ended with an error and s6 starts it again in the same container. */
type Process = 'Running' | 'Restarting' | 'Exited' | 'Killed'

/** Seconds from the start of the process to the first answer of its HTTP server. */
const restAfter = 8

/**
 * One videobridge as others see it: what it carries, how loaded it is, and how late it says so.
 * Flags, endpoints and conferences are live; the stress is measured every 10 s and everything is
 * zero in the first 5 s.
 */
export class Bridge {
  readonly name: string
  readonly cpus: number
  readonly version: string
  readonly iceFailures: number
  readonly password: string | undefined
  readonly participants = new Set<Participant>()
  /** Since when somebody is on it all the time, if anybody is. */
  occupiedSince = 0
  process: Process = 'Running'
  /** Its HTTP server hangs until then. */
  silentUntil = 0
  /** What it says of its own health, while it answers. */
  healthy = true
  graceful = false
  shuttingDown = false
  totals = { endpoints: 0, iceFailed: 0, relayIceFailed: 0 }
  /** Changes with each start of the process, so that what was planned for an older one is void. */
  start = 0
  startedAt = 0
  /** Shards whose XMPP room it is in. */
  readonly joined = new Set<number>()
  drain = new Delayed(0, false)
  changedAt = 0
  /** Called when it has ended by itself, with exit code 0. */
  onExit: () => void = () => undefined
  readonly #model: LoadModel
  readonly #load = new Map<Conference, number>()
  #stress = new Delayed(0, 0)
  #accounted = { until: 0, seconds: 0, over08: 0 }

  constructor(shape: BridgeShape, model: LoadModel) {
    this.name = shape.name
    this.password = shape.password
    this.cpus = shape.cpus ?? 4
    this.version = shape.version ?? '2.3.231-g1'
    this.iceFailures = shape.iceFailures ?? 0
    this.#model = model
  }

  /** The process starts: nobody on it, not draining, nothing counted. */
  boot(now: number): void {
    this.process = 'Running'
    this.start++
    this.startedAt = now
    this.changedAt = now
    this.joined.clear()
    this.graceful = false
    this.shuttingDown = false
    this.totals = { endpoints: 0, iceFailed: 0, relayIceFailed: 0 }
    this.drain = new Delayed(now, false)
    this.#stress = new Delayed(now, 0)
  }

  /** Does its HTTP server answer? */
  answers(now: number): boolean {
    return (
      this.process === 'Running' && now >= this.startedAt + restAfter && now >= this.silentUntil
    )
  }

  setDrain(on: boolean, now: number): void {
    if (this.drain.latest === on) return
    this.drain.set(now, on)
    this.changedAt = now
  }

  /** Milliseconds since 1970 at which the process started. */
  startupTime(epoch: Date): number {
    return epoch.getTime() + Math.round(this.startedAt * 1000)
  }

  /** What one meeting costs this bridge, in endpoints of weight 1. */
  carry(conference: Conference, load: number, now: number): void {
    this.account(now)
    if (load > 0) this.#load.set(conference, load)
    else this.#load.delete(conference)
    this.#stress.set(now, this.#trueStress())
    this.changedAt = now
  }

  /** The load right now, which nobody sees before it is measured. */
  get stress(): number {
    return this.#stress.latest
  }

  /** The last measure that was made up to a time: one every 10 s since the start. */
  measuredStress(time: number): number {
    const ticks = Math.floor((time - this.startedAt) / 10)
    return ticks < 1 ? 0 : this.#stress.at(this.startedAt + ticks * 10)
  }

  get conferences(): Conference[] {
    return [...this.#load.keys()]
  }

  /** Rooms joined, as its metrics say; they are refreshed every 5 s. */
  mucsJoined(now: number): number {
    return now < this.startedAt + 5 ? 0 : this.joined.size
  }

  /** Counts the time of its people up to now. */
  account(now: number): void {
    const spent = (now - this.#accounted.until) * this.participants.size
    this.#accounted.until = now
    this.#accounted.seconds += spent
    if (this.#stress.latest > 0.8) this.#accounted.over08 += spent
  }

  /** Participant-minutes that it carried, and those of them at a stress above 0.8. */
  minutes(now: number): { all: number; over08: number } {
    this.account(now)
    return { all: this.#accounted.seconds / 60, over08: this.#accounted.over08 / 60 }
  }

  #trueStress(): number {
    let load = 0
    for (const share of this.#load.values()) load += share
    // The JVM reports at most the whole limit, and stress is measured against 90 % of it.
    return Math.min(1.11, (0.8 * load) / (this.#model.endpointsPerCpu * this.cpus))
  }
}
