import { Bridge, type BridgeShape } from './bridge.ts'
import type { Participant } from './conference.ts'
import { Jicofo, type JicofoSettings } from './jicofo.ts'
import { type Metrics, metricsOf } from './metrics.ts'
import { People } from './people.ts'
import { Random } from './random.ts'
import { redistribute, usualRedistribution } from './redistribution.ts'
import type { Cause, Departure, Tally } from './tally.ts'
import { Timeline } from './timeline.ts'

export interface FleetOptions extends Partial<JicofoSettings> {
  seed?: number
  timeline?: Timeline
  /** Endpoints of weight 1 that bring one core to a stress of 0.8: 18 with last-n 9. */
  endpointsPerCpu?: number
  shards?: number
}

/** Seconds until jicofo knows that a bridge died without a farewell. */
const unnoticed = 15

/**
 * A fleet of bridges with the meetings on them, in virtual time: what becomes of people when
 * bridges start, drain, crash and go, and prosody or jicofo restarts.
 */
export class Fleet {
  readonly timeline: Timeline
  readonly random: Random
  readonly jicofos: readonly Jicofo[]
  readonly people: People
  readonly #endpointsPerCpu: number
  readonly #bridges = new Map<string, Bridge>()
  /** What prosody made the bridges' account with, at its start. */
  password: string | undefined
  #reformed = 0
  readonly #minutes = { all: 0, over08: 0 }

  constructor(options: FleetOptions = {}) {
    this.timeline = options.timeline ?? new Timeline()
    this.random = new Random(options.seed ?? 1)
    this.#endpointsPerCpu = options.endpointsPerCpu ?? 18
    const settings = {
      relays: options.relays ?? true,
      stressThreshold: options.stressThreshold ?? 0.8,
      maxPerBridge: options.maxPerBridge ?? 80,
      averageParticipantStress: options.averageParticipantStress ?? 0.01,
    }
    this.jicofos = Array.from({ length: options.shards ?? 1 }, () => new Jicofo(settings))
    this.people = new People(this)
  }

  get now(): number {
    return this.timeline.seconds
  }

  advance(seconds: number): void {
    this.timeline.advance(seconds)
  }

  /** A bridge's process starts; it takes meetings when it is in the XMPP rooms. */
  addBridge(shape: BridgeShape): Bridge {
    if (this.#bridges.has(shape.name)) throw new Error(`there is a bridge ${shape.name} already`)
    const model = { endpointsPerCpu: this.#endpointsPerCpu, shards: this.jicofos.length }
    const bridge = new Bridge(shape, model)
    this.#bridges.set(shape.name, bridge)
    this.#boot(bridge, shape.bootSeconds)
    return bridge
  }

  bridge(name: string): Bridge {
    const bridge = this.#bridges.get(name)
    if (bridge === undefined) throw new Error(`there is no bridge ${name}`)
    return bridge
  }

  get bridges(): readonly Bridge[] {
    return [...this.#bridges.values()]
  }

  /** SIGTERM: it leaves the XMPP rooms, so jicofo moves its people at once. */
  removeBridge(name: string): Departure {
    return this.#end(name, 'Terminated')
  }

  /** SIGKILL or a dead node: jicofo notices late. */
  loseBridge(name: string): void {
    const bridge = this.bridge(name)
    this.#forget(bridge)
    this.#vanish(bridge, 'NodeLost')
  }

  /** The process dies with an error and s6 starts it again: same name, nothing of its state. */
  crashBridge(name: string): void {
    const bridge = this.bridge(name)
    bridge.process = 'Restarting'
    this.#vanish(bridge, 'Crashed')
    this.timeline.in(2, () => {
      if (bridge.process === 'Restarting') this.#boot(bridge)
    })
  }

  /**
   * Graceful shutdown, from which there is no way back: it empties by itself; then, or at once if
   * `now`, it says SHUTTING_DOWN for a minute, in which jicofo moves everybody, and exits with 0.
   */
  shutdownBridge(name: string, { now = false } = {}): void {
    const bridge = this.bridge(name)
    bridge.graceful = true
    bridge.changedAt = this.now
    const { start } = bridge
    const whenEmpty = () => {
      if (bridge.start !== start || bridge.shuttingDown) return
      if (!now && bridge.participants.size > 0) return this.timeline.in(5, whenEmpty)
      bridge.shuttingDown = true
      this.#move(bridge, 'ShutDown')
      this.timeline.in(60, () => {
        if (bridge.start !== start) return
        this.#end(name, 'ShutDown')
        bridge.process = 'Exited'
        bridge.onExit()
      })
    }
    whenEmpty()
  }

  /** POST /colibri/drain/enable or disable. */
  drain(name: string, on = true): void {
    this.bridge(name).setDrain(on, this.now)
  }

  /** The bridge's HTTP server hangs for so long; its media goes on. */
  silence(name: string, seconds: number): void {
    const bridge = this.bridge(name)
    const changed = () => {
      bridge.changedAt = this.now
    }
    bridge.silentUntil = this.now + seconds
    changed()
    this.timeline.in(seconds, changed)
  }

  /** What GET /metrics answers as JSON, or undefined if nothing answers. */
  metricsOf(name: string): Metrics | undefined {
    const bridge = this.#bridges.get(name)
    return bridge?.answers(this.now)
      ? metricsOf(bridge, { now: this.now, epoch: this.timeline.start })
      : undefined
  }

  #boot(bridge: Bridge, seconds = this.random.between(15, 25)): void {
    bridge.boot(this.now)
    const { start } = bridge
    this.timeline.in(seconds, () => {
      for (const [shard, jicofo] of this.jicofos.entries()) {
        if (!jicofo.isDown(this.now)) this.#join(bridge, shard, start)
      }
    })
  }

  /** The bridge is in the shard's room; meetings that have no bridge at all are invited to it. */
  #join(bridge: Bridge, shard: number, start: number): void {
    const jicofo = this.jicofos[shard]
    if (jicofo === undefined || bridge.start !== start || bridge.process !== 'Running') return
    if (bridge.password !== this.password) return
    bridge.joined.add(shard)
    bridge.changedAt = this.now
    jicofo.joined(bridge, this.now)
    for (const conference of jicofo.conferences) {
      if (conference.bridges.size > 0) continue
      for (const person of conference.stranded) this.people.invite(person)
    }
  }

  #end(name: string, cause: Cause): Departure {
    const bridge = this.bridge(name)
    this.#forget(bridge)
    bridge.process = 'Killed'
    return this.#move(bridge, cause)
  }

  #forget(bridge: Bridge): void {
    this.#bridges.delete(bridge.name)
    const { all, over08 } = bridge.minutes(this.now)
    this.#minutes.all += all
    this.#minutes.over08 += over08
  }

  /** Gone without a farewell: its people wait, and others are sent there, until jicofo notices. */
  #vanish(bridge: Bridge, cause: Cause): void {
    if (cause === 'NodeLost') bridge.process = 'Killed'
    bridge.joined.clear()
    bridge.changedAt = this.now
    const people = [...bridge.participants]
    for (const person of people) person.conference.unseat(person, this.now)
    this.timeline.in(unnoticed, () => {
      const rejoined = bridge.joined.size > 0
      if (!rejoined) for (const jicofo of this.jicofos) jicofo.left(bridge)
      const sentSince = rejoined ? [] : [...bridge.participants]
      const waiting = people.filter(person => person.bridge === undefined)
      this.people.reseat([...waiting, ...sentSince], { bridge, cause })
    })
  }

  /** Prosody or jicofo of a shard restarts: its meetings are torn down and form anew. */
  restartSignalling(shard = 0, seconds = 30): void {
    const jicofo = this.jicofos[shard]
    if (jicofo === undefined) throw new Error(`there is no shard ${shard}`)
    jicofo.downUntil = this.now + seconds
    const meetings = [...jicofo.conferences].filter(({ people }) => people.size > 0)
    this.#reformed += meetings.length
    for (const { people } of meetings) {
      for (const person of people) person.conference.unseat(person, this.now)
    }
    for (const bridge of this.bridges) {
      bridge.joined.delete(shard)
      bridge.changedAt = this.now
      jicofo.left(bridge)
    }
    this.timeline.in(seconds, () => {
      for (const bridge of this.bridges) {
        const { start } = bridge
        this.timeline.in(this.random.between(1, 5), () => this.#join(bridge, shard, start))
      }
      this.timeline.in(10, () => {
        for (const { stranded } of meetings)
          for (const person of stranded) this.people.invite(person)
      })
    })
  }

  /** Jicofo of a shard hangs for so long; people on bridges notice nothing. */
  hangJicofo(shard: number, seconds: number): void {
    const jicofo = this.jicofos[shard]
    if (jicofo === undefined) throw new Error(`there is no shard ${shard}`)
    jicofo.hungUntil = this.now + seconds
  }

  /** Turns on jicofo's load redistribution. */
  redistribute(settings = usualRedistribution): void {
    const { timeline } = this
    const sendAway = (people: readonly Participant[]) => this.people.sendAway(people)
    for (const jicofo of this.jicofos) redistribute({ jicofo, timeline, sendAway }, settings)
  }

  /** Jicofo knows that the bridge goes, and invites its people elsewhere. */
  #move(bridge: Bridge, cause: Cause): Departure {
    if (cause !== 'ShutDown' || bridge.process !== 'Running') {
      for (const jicofo of this.jicofos) jicofo.left(bridge)
      bridge.joined.clear()
    }
    bridge.changedAt = this.now
    return this.people.reseat([...bridge.participants], { bridge, cause })
  }

  /** What became of the people so far. */
  tally(): Tally {
    const running = this.bridges.map(bridge => bridge.minutes(this.now))
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
    return {
      cut: sum(this.people.departures.map(({ cut }) => cut)),
      moved: sum(this.people.departures.map(({ moved }) => moved)),
      refused: this.people.counts.refused,
      joins: this.people.counts.joins,
      participantMinutes: this.#minutes.all + sum(running.map(({ all }) => all)),
      minutesOver08: this.#minutes.over08 + sum(running.map(({ over08 }) => over08)),
      peak: this.people.counts.peak,
      meetingsReformed: this.#reformed,
      redistributed: this.people.counts.redistributed,
      departures: this.people.departures,
    }
  }
}
