import { type Judgement, timeText, yes } from '../../kube/conditions.ts'
import type { Context } from '../context.ts'
import { type Bridge, isIdle, isStopping } from './bridge.ts'
import { roomInFleet } from './room.ts'
import { type Verdict, bridgeReason as why } from './verdict.ts'

/**
 * People moved off one bridge must be on others before the next one goes: 20 s, and the second that
 * is lost where the time of the last one is written in whole seconds.
 */
const pauseSeconds = 21

/**
 * How long people wait beyond the deadline while jicofo and prosody, which can move them, are away.
 * A `kubectl drain` of the node waits as long.
 */
const withoutJicofoSeconds = 600

export interface Evacuation {
  verdicts: ReadonlyMap<string, Verdict>
  /** Why an evacuation that is due waits. */
  blocked: Judgement | undefined
}

/** What an evacuation depends on beside the bridges. */
interface Surroundings {
  lastEvacuation: string | undefined
  canMovePeople: boolean
}

/**
 * The one bridge whose people are moved now. One at a time: jicofo takes the people of a bridge
 * that left to another bridge of their meeting, and two that leave together leave some with none.
 */
export function evacuation(
  { spec, now }: Context,
  bridges: readonly Bridge[],
  { lastEvacuation, canMovePeople }: Surroundings,
): Evacuation {
  const none = { verdicts: new Map<string, Verdict>(), blocked: undefined }
  if (spec.jvb.drain.policy === 'wait') return none
  const due = bridges
    .filter(({ state }) => state === 'Draining' || state === 'Suspect')
    .filter(({ intent, drainDeadline }) => intent === 'drain' && isPast(drainDeadline, now))
    .sort((a, b) => Number(a.drainDeadline) - Number(b.drainDeadline) || a.index - b.index)
  const mustWait = (bridge: Bridge) => !canMovePeople && !isIdle(bridge)
  const first = due.find(bridge => !mustWait(bridge) || patience(bridge) <= now)
  if (!first) return { ...none, blocked: due[0] && waitsForJicofo(due[0]) }
  const blocked = waitsForOthers(first, bridges, { lastEvacuation, now })
  if (blocked) return { ...none, blocked }
  const removal = (message: string): Evacuation => ({
    verdicts: new Map([[first.name, { action: 'remove', reason: why.Evacuated, message }]]),
    blocked: undefined,
  })
  return mustWait(first)
    ? removal(
        'its drain deadline passed ten minutes ago, and jicofo or prosody, which would move its people, does not answer',
      )
    : removal('its drain deadline has passed: its people are moved to other bridges')
}

/** Until when the people of a bridge wait for jicofo and prosody. */
const patience = ({ drainDeadline }: Bridge) =>
  new Date(Number(drainDeadline) + withoutJicofoSeconds * 1000)

function waitsForJicofo(bridge: Bridge): Judgement {
  const message = `${bridge.name} is past its deadline, but jicofo or prosody does not answer, and nobody else moves its people to other bridges: it goes when both do, at ${timeText(patience(bridge))} at the latest`
  return yes('EvacuationBlocked', 'JicofoSilent', message)
}

/** Do people who were moved before, or a lack of room, hold up the evacuation of a bridge? */
function waitsForOthers(
  bridge: Bridge,
  bridges: readonly Bridge[],
  { lastEvacuation, now }: { lastEvacuation: string | undefined; now: Date },
): Judgement | undefined {
  const underWay = bridges.find(other => isOnItsWay(other, now))
  if (underWay) {
    const message = `${bridge.name} waits for ${underWay.name} to be gone`
    return yes('EvacuationBlocked', 'PeopleMoving', message)
  }
  const resumes = new Date(lastEvacuation ?? 0).getTime() + pauseSeconds * 1000
  if (resumes > now.getTime()) {
    const message = `${bridge.name} waits until moved people have settled`
    return yes('EvacuationBlocked', 'PeopleSettling', message)
  }
  if (!roomInFleet(bridges)(bridge)) {
    const message = `${bridge.name} is past its deadline, but no other serving bridge has room (mean stress after the move must be below 0.8): add bridges`
    return yes('EvacuationBlocked', 'NoRoom', message)
  }
  return undefined
}

/** How long before the end of its grace period a bridge stops waiting for its people. */
export const farewellSeconds = 60

/**
 * Is a bridge that is being stopped about to leave its room, or has it just left? Its people then
 * settle elsewhere, whoever deleted it, and no other bridge goes until they have.
 */
function isMovingPeople(bridge: Bridge, now: Date): boolean {
  if (!isOnItsWay(bridge, now)) return false
  const { pod, drainDeadline } = bridge
  const end = Date.parse(pod.metadata.deletionTimestamp ?? '')
  const deleted = end - (pod.spec.terminationGracePeriodSeconds ?? 0) * 1000
  const own = end - farewellSeconds * 1000
  const leaves = Math.max(deleted, Math.min(own, drainDeadline?.getTime() ?? own))
  return leaves <= now.getTime() && now.getTime() < leaves + farewellSeconds * 1000
}

/**
 * When people were last moved: now, while a bridge that was stopped empties, else as said before.
 */
export function lastMoved(
  { now }: Context,
  bridges: readonly Bridge[],
  before: string | undefined,
): string | undefined {
  return bridges.some(bridge => isMovingPeople(bridge, now)) ? timeText(now) : before
}

/**
 * Is it being stopped, and were people on it? At the end of its grace period nobody is any more.
 */
function isOnItsWay(bridge: Bridge, now: Date): boolean {
  return isStopping(bridge, now) && !bridge.facts?.empty
}

const isPast = (time: Date | undefined, now: Date) => time !== undefined && time <= now
