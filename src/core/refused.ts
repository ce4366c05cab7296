import type { JitsiStatus } from '../api/jitsi-status.ts'
import { highestNumber } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { timeText } from '../kube/conditions.ts'

/*
 * Bridges that the API server refuses, as for a quota, leave no trace in a request: they are made
 * again at each call. What tells is that none of a higher number appears.
 */

/** One that the API server takes is shown by the call that its creation brings about. */
const refusedSeconds = 60

/** What is made by the plan, and what the last status remembered of it. */
interface Making {
  previous: JitsiStatus
  fleet: FleetPlan
  /** The bridges that are made now. */
  created: readonly { name: string }[]
  now: Date
}

/** Since when bridges are made of which none has appeared. */
export function makingSince({ previous, fleet, created, now }: Making): string | undefined {
  if (created.length === 0) return undefined
  const since = previous.rollout?.makingSince
  const noneAppeared = fleet.lastNumber === highestNumber(previous.fleet?.lastNumber, [])
  return noneAppeared && Date.parse(since ?? '') <= now.getTime() ? since : timeText(now)
}

/** The first one of those that are made in vain since then; undefined while that is not long. */
export function refusedBridge(
  { created, now }: Pick<Making, 'created' | 'now'>,
  since: string | undefined,
): string | undefined {
  const isRefused = now.getTime() - Date.parse(since ?? '') > refusedSeconds * 1000
  return isRefused ? created[0]?.name : undefined
}
