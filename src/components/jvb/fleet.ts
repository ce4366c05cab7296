import type { JicofoFacts } from '../../api/facts.ts'
import { type Judgement, timeText } from '../../kube/conditions.ts'
import type { Context } from '../context.ts'
import { isLockedOut } from '../password-copies.ts'
import { type Bridge, highestNumber, surelyServes } from './bridge.ts'
import { ended } from './ended.ts'
import { evacuation, lastMoved } from './evacuation.ts'
import { frozenCreations, isFrozen } from './frozen.ts'
import { type GroupPlan, planGroup } from './group-plan.ts'
import { type GroupView, groupViewOf } from './group-view.ts'
import { hearingOf, neverJoins, staysUnwell } from './lost.ts'
import { portsOfFleet } from './ports.ts'
import { addressChanged, portOutside } from './public-address.ts'
import { refusedPorts } from './refused-ports.ts'
import { isReplacing, servesInFull, surgeOf } from './replacing.ts'
import { outdatedParts, type Revision, revisionOf } from './revision.ts'
import { type Roles, rolesOf } from './roles.ts'
import { type Group, groupsOf } from './topology.ts'
import { type Creation, type Verdict, bridgeReason as why } from './verdict.ts'

/** What is decided about the bridges of a Jitsi. */
export interface FleetPlan {
  /** What a bridge made now is like. */
  revision: Revision
  verdicts: ReadonlyMap<string, Verdict>
  creations: readonly Creation[]
  /** All bridges lost XMPP at once: that is the shard's fault, and nothing is touched. */
  frozen: boolean
  /** Why an evacuation that is due does not begin. */
  evacuationBlocked: Judgement | undefined
  lastEvacuation: string | undefined
  /** The highest number that a bridge has had; -1 before the first. */
  lastNumber: number
  /** Parts in which a bridge is not up to date. */
  outdated: (bridge: Bridge) => string[]
  /** Bridges that answer and take no meetings, while others do; outdated ones among them. */
  takingNone: ReadonlySet<Bridge>
}

/** What the plan must know beside bridges and spec. */
export interface FleetView {
  desired: number
  jicofo: JicofoFacts | undefined
  /** Are jicofo and prosody there, by which people find another bridge? */
  canMovePeople: boolean
  lastEvacuation: string | undefined
  /** The highest number of all bridges so far, as status remembers it. */
  lastNumber: number | undefined
  /** False while prosody or jicofo are about to restart: one change at a time. */
  rolloutAllowed: boolean
}

/** Decides what happens to every bridge. */
export function planFleet(
  context: Context,
  bridges: readonly Bridge[],
  view: FleetView,
): FleetPlan {
  const revision = revisionOf(context)
  const outdated = outdatedPartsOf(context, bridges, revision)
  const groups = groupsOf(context, bridges, view.desired)
  const base = {
    revision,
    outdated,
    lastEvacuation: view.lastEvacuation,
    lastNumber: highestNumber(view.lastNumber, bridges),
    evacuationBlocked: undefined,
  }
  const lockedOut = (bridge: Bridge) => isLockedOut(context, bridge.pod)
  if (isFrozen(bridges, lockedOut)) {
    const creations = frozenCreations(groups, { ...view, now: context.now })
    return { ...base, frozen: true, verdicts: new Map(), creations, takingNone: new Set() }
  }
  const hearing = hearingOf(bridges, { lockedOut, now: context.now })
  const ports = portsOfFleet(context.spec.jvb, bridges)
  const takingNone = new Set(
    bridges.filter(bridge => neverJoins(bridge, hearing) || staysUnwell(bridge, hearing)),
  )
  const { rolloutAllowed } = view
  const plans = planGroups(
    groups,
    groupViewOf(context, bridges, { outdated, hearing, takingNone, ports, rolloutAllowed }),
  )
  const planned = new Map(plans.flatMap(plan => [...plan.verdicts]))
  const refused = refusedPorts(
    context,
    bridges.filter(({ name }) => !planned.has(name)),
    ports,
  )
  const evacuated = evacuation(context, bridges, view)
  const verdicts = new Map<string, Verdict>([
    ...planned,
    ...bridges
      .filter(({ name }) => planned.get(name)?.action !== 'serve')
      .flatMap(bridge => ended(bridge, view, hearing)),
    ...refused.verdicts,
    ...evacuated.verdicts,
  ])
  return {
    ...base,
    frozen: false,
    verdicts,
    takingNone,
    // Not all need be made at once; those that know of refused ports are, for only they know.
    creations: [...refused.creations, ...plans.flatMap(plan => plan.creations)],
    evacuationBlocked: evacuated.blocked,
    lastEvacuation:
      evacuated.verdicts.size > 0
        ? timeText(context.now)
        : lastMoved(context, bridges, view.lastEvacuation),
  }
}

/** Answers the parts in which a bridge is not as one that is made now. */
function outdatedPartsOf(context: Context, bridges: readonly Bridge[], revision: Revision) {
  const parts = new Map(
    bridges.map(bridge => [
      bridge.name,
      [
        ...outdatedParts(bridge, revision),
        ...(addressChanged(context, bridge) ? ['address'] : []),
        ...(portOutside(context, bridge) ? ['ports'] : []),
      ],
    ]),
  )
  return (bridge: Bridge) => parts.get(bridge.name) ?? []
}

/** Plans group by group; the surge is one for the whole fleet. */
function planGroups(groups: Group[], view: GroupView): GroupPlan[] {
  const sorted = groups.map(group => ({ group, roles: rolesOf(group, view) }))
  const used = sorted
    .filter(groups => !isPassedOver(groups))
    .map(({ group, roles }) => surgeOf(group, roles, view.now))
  let surge = Math.max(0, view.surge - used.reduce((sum, count) => sum + count, 0))
  let mayDrainFirst = view.mayDrainFirst && sorted.every(isWhole)
  // On a node that is not ready it stays, and others must not wait for it to go.
  const anyUnwell = sorted.some(({ group, roles }) => !group.hold && roles.unwell.length > 0)
  return sorted.map(({ group, roles }) => {
    const isFirst = !anyUnwell || roles.unwell.length > 0
    const plan = planGroup(group, roles, {
      ...view,
      surge,
      mayDrainFirst: mayDrainFirst && isFirst,
    })
    surge -= plan.creations.filter(({ reason }) => reason === why.Rollout).length
    mayDrainFirst &&= ![...plan.verdicts.values()].some(({ reason }) => reason === why.Rollout)
    return plan
  })
}

type Sorted = { group: Group; roles: Roles }

/** Does all of the group serve that is to be waited for, and is nothing there being replaced? */
const isWhole = ({ group, roles }: Sorted): boolean =>
  isPassedOver({ group, roles }) || (servesInFull(group, roles) && !isReplacing(roles))

/**
 * Is its node not ready, and none there being replaced? A rollout goes on without such a group, but
 * not past a new bridge that runs there and does not serve: that may be what ails the node.
 */
const isPassedOver = ({ group, roles }: Sorted): boolean =>
  group.hold &&
  !isReplacing(roles) &&
  roles.current.every(bridge => bridge.state === 'Pending' || surelyServes(bridge))
