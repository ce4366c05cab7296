import type { Bridge } from './bridge.ts'
import type { Timeline } from './timeline.ts'

/** When the hook gives up, and what comes after it. */
export interface Farewell {
  /** In seconds of the timeline. */
  deadline: number
  /** Time for SIGTERM; not called for a bridge that was killed meanwhile. */
  done: () => void
}

/**
 * The script of a bridge's preStop hook, turn by turn: it drains, and is done when it saw nobody
 * three times in a row, when XMPP has been out of reach for a minute, or at its deadline.
 */
export function preStop(timeline: Timeline, bridge: Bridge, { deadline, done }: Farewell): void {
  let empty = 0
  let lost = 0
  const turn = () => {
    if (bridge.process === 'Killed') return
    bridge.setDrain(true, timeline.seconds)
    const busy = bridge.participants.size + bridge.conferences.length > 0
    lost = bridge.joined.size === 0 ? lost + 1 : 0
    empty = busy ? 0 : empty + 1
    if (empty < 3 && lost < 12 && timeline.seconds < deadline) timeline.in(5, turn)
    else done()
  }
  turn()
}
