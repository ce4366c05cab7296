import type { BridgeStatus, Condition, FleetTotals, JitsiStatus } from '../api/jitsi-status.ts'
import type { Context } from '../components/context.ts'
import { type Bridge, highestNumber } from '../components/jvb/bridge.ts'
import { lastMoved } from '../components/jvb/evacuation.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { annotation, label } from '../kube/annotations.ts'
import { conditionsOf, type Judgement, timeText } from '../kube/conditions.ts'
import { selectorLabels, selectorText } from '../kube/labels.ts'
import { isRecord } from '../kube/record.ts'
import { portsStatus } from './firewall.ts'

/** Longer lists make the status of a large fleet heavy, and each change of it a write. */
const mostBridgesListed = 100

/** What status says beside the conditions, out of what is observed. */
export interface StatusParts {
  context: Context
  bridges: readonly Bridge[]
  fleet: FleetPlan | undefined
  desired: number
  judgements: readonly Judgement[]
  waitingSince: string | undefined
  makingSince: string | undefined
  /** What the autoscaler has to remember. */
  autoscaling: Record<string, unknown> | undefined
}

/** The whole status: what is left out is gone from the object. */
export function statusOf(parts: StatusParts): JitsiStatus {
  const { context, bridges, fleet, desired, judgements, autoscaling } = parts
  const { waitingSince, makingSince } = parts
  const previous = previousStatus(context)
  const totals = totalsOf(bridges, desired)
  // While everything is held we move nobody; but a bridge that was stopped before still empties.
  const lastEvacuation = fleet
    ? fleet.lastEvacuation
    : lastMoved(context, bridges, previous.rollout?.lastEvacuation)
  const rollout = {
    ...(waitingSince ? { waitingSince } : {}),
    ...(makingSince ? { makingSince } : {}),
    ...(lastEvacuation ? { lastEvacuation } : {}),
  }
  return {
    ...(context.jitsi.metadata.generation
      ? { observedGeneration: context.jitsi.metadata.generation }
      : {}),
    conditions: conditionsOf(judgements, conditionsBefore(previous), context.now),
    url: `https://${context.spec.domain}`,
    replicas: totals.starting + totals.serving,
    selector: selectorText({
      ...selectorLabels(context.instance, 'jvb'),
      [label.counted]: 'true',
    }),
    bridgesSummary: `${totals.serving}/${desired}`,
    fleet: { ...totals, ...lastNumber(previous, bridges) },
    bridges: listed(bridges).map(bridge => bridgeStatus(bridge, fleet)),
    ports: portsStatus(context, bridges),
    ...(Object.keys(rollout).length > 0 ? { rollout } : {}),
    ...(autoscaling && Object.keys(autoscaling).length > 0 ? { autoscaling } : {}),
  }
}

/** What was said last time; somebody else's words may stand there too. */
export function previousStatus({ jitsi }: Context): JitsiStatus {
  return isRecord(jitsi.status) ? (jitsi.status as JitsiStatus) : {}
}

const conditionsBefore = ({ conditions }: JitsiStatus): Condition[] =>
  Array.isArray(conditions) ? conditions.filter(isRecord) : []

/** Totals over all bridges that are there. */
export function totalsOf(bridges: readonly Bridge[], desired: number): FleetTotals {
  const count = (...states: string[]) =>
    bridges.filter(bridge => states.includes(bridge.state)).length
  const sum = (figure: 'participants' | 'conferences') =>
    bridges.reduce((total, { facts }) => total + (facts?.reachable ? facts[figure] : 0), 0)
  return {
    desired,
    serving: count('Serving'),
    starting: count('Starting', 'Pending'),
    draining: count('Draining', 'Empty'),
    participants: sum('participants'),
    conferences: sum('conferences'),
  }
}

/** Remembered, since the bridge that had it may be gone. */
function lastNumber({ fleet }: JitsiStatus, bridges: readonly Bridge[]): { lastNumber?: number } {
  const highest = highestNumber(fleet?.lastNumber, bridges)
  return highest < 0 ? {} : { lastNumber: highest }
}

/** Those that do not serve first: they are what somebody looks for. */
function listed(bridges: readonly Bridge[]): Bridge[] {
  const idle = bridges.filter(({ state }) => state !== 'Serving')
  return [...idle, ...bridges.filter(({ state }) => state === 'Serving')].slice(
    0,
    mostBridgesListed,
  )
}

function bridgeStatus(bridge: Bridge, fleet: FleetPlan | undefined): BridgeStatus {
  const { name, state, node, port, facts, intentReason, drainingSince } = bridge
  const verdict = fleet?.verdicts.get(name)
  const outdated = fleet?.outdated(bridge) ?? []
  const reason = verdict?.reason ?? intentReason
  const message =
    verdict?.message ??
    (drainingSince
      ? waitsFor(bridge)
      : outdated.length > 0
        ? `outdated: ${outdated.join(', ')}`
        : '')
  return {
    name,
    state,
    ...(node ? { node } : {}),
    ...(port ? { port } : {}),
    ...addressOf(bridge),
    ...(facts
      ? {
          stress: facts.stress.toFixed(2),
          participants: facts.participants,
          conferences: facts.conferences,
        }
      : {}),
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    ...(drainingSince ? { since: timeText(drainingSince) } : {}),
  }
}

function addressOf({ pod }: Bridge): { address?: string } {
  const address = pod.metadata.annotations?.[annotation.advertise]
  return address ? { address } : {}
}

function waitsFor({ facts, drainDeadline }: Bridge): string {
  const people = facts?.reachable
    ? `${facts.participants} people in ${facts.conferences} meetings`
    : 'people unknown, it does not answer'
  return drainDeadline
    ? `waits for its meetings to end (${people}), at the latest until ${timeText(drainDeadline)}`
    : `waits for its meetings to end (${people})`
}
