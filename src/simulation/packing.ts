import { relayShare } from './fleet/conference.ts'
import { Random } from './fleet/random.ts'
import { fullBridge, type Sizes } from './sizes.ts'
import type { Trace, TracedMeeting } from './trace.ts'

/*
 * Meetings of a known day put on as little bridge time as a search finds: each goes, whole, where
 * it lengthens the time that bridges run least, and among equals where it fits most tightly. What
 * that gives depends on the order of the meetings, so several orders are tried and the best one
 * counts. The least of all is a hard problem (bin packing in time); this is not proven to be it.
 */

/** A part of a meeting that one bridge carries: load by minute, in people of one's own. */
interface Part {
  from: number
  loads: readonly number[]
  /** Made from the new release: the two never share a bridge. */
  renewed: boolean
}

/** One bridge after another on the same node: what it carries, minute by minute. */
class Slot {
  readonly loads: number[]
  readonly renewed: boolean
  readonly #start: number

  constructor(first: Part, { minutes, start }: { minutes: number; start: number }) {
    this.loads = new Array<number>(minutes).fill(0)
    this.renewed = first.renewed
    this.#start = start
    this.add(first)
  }

  /** Does it fit? Then how much is left at the fullest minute. */
  roomFor({ from, loads }: Part, capacity: number): number | undefined {
    let left = capacity
    for (const [offset, load] of loads.entries()) {
      left = Math.min(left, capacity - load - (this.loads[from + offset] ?? 0))
      if (left < 0) return undefined
    }
    return left
  }

  add({ from, loads }: Part): void {
    for (const [offset, load] of loads.entries()) {
      this.loads[from + offset] = (this.loads[from + offset] ?? 0) + load
    }
  }

  /** Minutes that it would run longer. */
  extension({ from, loads }: Part): number {
    const idle = loads.filter((_, offset) => this.loads[from + offset] === 0).length
    if (idle === 0) return 0
    const before = this.#gap(from - 1, -1)
    const after = this.#gap(from + loads.length, 1)
    // A break that was too long to run through is now two, either of which may be short enough.
    const saved = idle < loads.length ? 0 : Math.min(before + loads.length + after, this.#start)
    return idle + before + after - saved
  }

  /** Idle minutes from one on, up to the next one with load; longer ones are starts. */
  #gap(from: number, step: 1 | -1): number {
    let gap = 0
    while (gap < this.#start && !this.loads[from + step * gap]) gap++
    return gap
  }

  /** Runs where it carries somebody, before that for its start, and through shorter breaks. */
  running(): boolean[] {
    const running = this.loads.map(load => load > 0)
    for (let minute = 0; minute < running.length; minute++) {
      if (!this.loads[minute]) continue
      for (let back = 1; back <= this.#start; back++) {
        if (minute - back >= 0) running[minute - back] = true
      }
    }
    return running
  }
}

const orders = 16

/** Bridges running in each minute, in the best of the packings that were tried. */
export function packed(trace: Trace, sizes: Sizes): number[] {
  const random = new Random(sizes.seed)
  const meetings = trace.meetings.map(meeting => partsOf(meeting, { trace, sizes }))
  let best: number[] = []
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < orders; turn++) {
    const keyed = meetings.map(parts => ({ parts, key: keyOf(parts, turn, random) }))
    const parts = keyed.sort((a, b) => a.key - b.key).flatMap(one => one.parts)
    const counts = pack(parts, trace.minutes, sizes)
    const total = counts.reduce((sum, count) => sum + Math.max(count, sizes.minReplicas), 0)
    if (total < least) [least, best] = [total, counts]
  }
  return best
}

/** By beginning, by size, and both disturbed by chance. */
function keyOf(parts: readonly Part[], turn: number, random: Random): number {
  const [first] = parts
  if (!first) return 0
  const noise = turn < 2 ? 0 : random.between(0, turn)
  const weight = first.loads.reduce((sum, load) => sum + load, 0)
  return turn % 2 === 0 ? first.from + noise : -weight * (1 + noise / orders)
}

function pack(parts: readonly Part[], minutes: number, sizes: Sizes): number[] {
  const capacity = fullBridge(sizes)
  const start = Math.ceil((sizes.nodeSeconds + sizes.pullSeconds + bootSeconds) / 60)
  const slots: Slot[] = []
  for (const part of parts) {
    const open = slots
      .filter(({ renewed }) => renewed === part.renewed)
      .flatMap(slot => {
        const room = slot.roomFor(part, capacity)
        return room === undefined ? [] : [{ slot, room, more: slot.extension(part) }]
      })
    const [best] = open.sort((a, b) => a.more - b.more || a.room - b.room)
    if (best && best.more < part.loads.length + start) best.slot.add(part)
    else slots.push(new Slot(part, { minutes, start }))
  }
  const running = slots.map(slot => slot.running())
  return Array.from({ length: minutes }, (_, minute) =>
    running.reduce((sum, one) => sum + Number(one[minute]), 0),
  )
}

/** Seconds until a bridge that was started takes people. */
const bootSeconds = 20

/** A meeting whole, or in as few equal parts as fit; each carries the others through relays. */
function partsOf(
  { at, minutes, cohorts }: TracedMeeting,
  { trace, sizes }: { trace: Trace; sizes: Sizes },
): Part[] {
  const people = Array.from({ length: minutes }, (_, minute) =>
    cohorts
      .filter(cohort => cohort.at - at <= minute && minute < cohort.at - at + cohort.minutes)
      .reduce((sum, { participants }) => sum + participants, 0),
  )
  const most = Math.max(0, ...people)
  const loadOf = (count: number, all: number) => count + relayShare * (all - count)
  let parts = 1
  while (loadOf(Math.ceil(most / parts), most) > fullBridge(sizes) && parts < most) parts++
  const renewed = trace.rolloutAt !== undefined && at >= trace.rolloutAt
  const loads = people.map(all => loadOf(Math.ceil(all / parts), all))
  return Array.from({ length: parts }, () => ({ from: at, loads, renewed }))
}
