import type { Bridge } from './bridge.ts'
import type { Conference } from './conference.ts'

export interface JicofoSettings {
  /** Relays: a meeting may use several bridges. */
  relays: boolean
  /** BRIDGE_STRESS_THRESHOLD. */
  stressThreshold: number
  /** MAX_BRIDGE_PARTICIPANTS: of one meeting, on one bridge. */
  maxPerBridge: number
  /** What jicofo adds to the reported stress for everybody whom it sent there in the last 20 s. */
  averageParticipantStress: number
}

/** A bridge as one jicofo knows it: by its presence, which comes every 5 s. */
interface Known {
  bridge: Bridge
  joinedAt: number
  /** When people were sent there. */
  sent: number[]
}

/**
 * The bridge selection of jicofo (BridgeSelector and RegionBasedBridgeSelectionStrategy with one
 * region), with its view of the bridges: the stress as last measured and announced, drain as last
 * announced, a new bridge draining until its first presence.
 */
export class Jicofo {
  settings: JicofoSettings
  /** Until then the shard's signalling is down. */
  downUntil = 0
  /** Until then its process hangs: it answers nobody, and sends nobody to a bridge. */
  hungUntil = 0
  readonly conferences = new Set<Conference>()
  readonly #known = new Map<Bridge, Known>()

  constructor(settings: JicofoSettings) {
    this.settings = settings
  }

  isDown(now: number): boolean {
    return now < this.downUntil
  }

  hangs(now: number): boolean {
    return now < this.hungUntil
  }

  joined(bridge: Bridge, now: number): void {
    this.#known.set(bridge, { bridge, joinedAt: now, sent: [] })
  }

  left(bridge: Bridge): void {
    this.#known.delete(bridge)
  }

  knows(bridge: Bridge): boolean {
    return this.#known.has(bridge)
  }

  /** The bridge for one more of a meeting's people, or undefined: "no bridge available". */
  select(conference: Conference, now: number): Bridge | undefined {
    const inUse = conference.bridges
    const [first] = inUse.keys()
    let candidates = [...this.#known.values()].filter(({ bridge }) => !bridge.shuttingDown)
    if (first) candidates = candidates.filter(({ bridge }) => bridge.version === first.version)
    if (candidates.length === 0) return undefined
    candidates = preferred(candidates, known => !this.#isDraining(known, now))
    candidates = preferred(candidates, ({ bridge }) => !bridge.graceful)
    // Without relays everybody follows the first: draining or not, full or not.
    const chosen =
      first && !this.settings.relays
        ? this.#known.get(first)
        : this.#strategy(candidates, inUse, now)
    chosen?.sent.push(now)
    return chosen?.bridge
  }

  /** Reported stress plus the people who were just sent there. */
  correctedStress(known: Known, now: number): number {
    known.sent = known.sent.filter(at => at > now - 20)
    const reported = known.bridge.measuredStress(lastPresence(known, now))
    return reported + known.sent.length * this.settings.averageParticipantStress
  }

  /** Is there a bridge below the threshold? */
  hasRoom(now: number): boolean {
    const { stressThreshold } = this.settings
    return [...this.#known.values()].some(
      known => this.correctedStress(known, now) < stressThreshold,
    )
  }

  /** Bridges with at least so much stress. */
  bridgesFrom(stress: number, now: number): Bridge[] {
    return [...this.#known.values()]
      .filter(known => this.correctedStress(known, now) >= stress)
      .map(({ bridge }) => bridge)
  }

  /** People were sent away from a bridge: so many fewer are expected there. */
  sentAway(bridge: Bridge, people: number): void {
    this.#known.get(bridge)?.sent.splice(0, people)
  }

  stats(now: number) {
    const meetings = [...this.conferences].filter(({ people }) => people.size > 0)
    const participants = meetings.reduce((sum, { people }) => sum + people.size, 0)
    const known = [...this.#known.values()]
    return {
      conferences: this.isDown(now) ? 0 : meetings.length,
      participants: this.isDown(now) ? 0 : participants,
      bridge_selector: {
        bridge_count: known.length,
        operational_bridge_count: known.filter(({ bridge }) => !bridge.shuttingDown).length,
        in_shutdown_bridge_count: known.filter(({ bridge }) => bridge.graceful).length,
      },
    }
  }

  debug(now: number) {
    const bridges = [...this.#known.values()].map(known => [
      `jvbbrewery@internal-muc.meet.jitsi/${known.bridge.name}`,
      {
        'corrected-stress': this.correctedStress(known, now),
        stress: known.bridge.measuredStress(lastPresence(known, now)),
        drain: this.#isDraining(known, now),
        'graceful-shutdown': known.bridge.graceful,
        'shutting-down': known.bridge.shuttingDown,
        operational: true,
        endpoints: known.bridge.participants.size,
        version: known.bridge.version,
      },
    ])
    return { bridge_selector: { bridge: Object.fromEntries(bridges) } }
  }

  #isDraining(known: Known, now: number): boolean {
    return now < known.joinedAt + 5 || known.bridge.drain.at(lastPresence(known, now))
  }

  #strategy(
    candidates: Known[],
    inUse: ReadonlyMap<Bridge, number>,
    now: number,
  ): Known | undefined {
    const { stressThreshold, maxPerBridge } = this.settings
    const byStress = candidates
      .map(known => ({ known, stress: this.correctedStress(known, now) }))
      .sort((a, b) => a.stress - b.stress)
      .map(({ known, stress }) => ({
        known,
        overloaded: stress >= stressThreshold,
        full: (inUse.get(known.bridge) ?? 0) >= maxPerBridge,
        used: inUse.has(known.bridge),
      }))
    const chosen =
      byStress.find(({ used, overloaded, full }) => used && !overloaded && !full) ??
      byStress.find(({ overloaded, full }) => !overloaded && !full) ??
      byStress.find(({ overloaded }) => !overloaded) ??
      byStress.find(({ used, full }) => used && !full) ??
      byStress[0]
    return chosen?.known
  }
}

function lastPresence({ joinedAt }: Known, now: number): number {
  return joinedAt + Math.floor((now - joinedAt) / 5) * 5
}

/** Those for whom it holds, or all if it holds for none. */
function preferred<T>(all: T[], holds: (one: T) => boolean): T[] {
  const some = all.filter(holds)
  return some.length > 0 ? some : all
}
