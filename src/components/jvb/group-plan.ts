import { type Bridge, neverServed, neverStarted, participantsOf, surelyServes } from './bridge.ts'
import type { GroupView } from './group-view.ts'
import { isCrowded, replacedNow, spareSurge } from './replacing.ts'
import { nodeOf, type Roles } from './roles.ts'
import { isFresh } from './state.ts'
import type { Group } from './topology.ts'
import { type Creation, creationIn, type Verdict, bridgeReason as why } from './verdict.ts'
import { victimOrder } from './victim-order.ts'

export interface GroupPlan {
  verdicts: Map<string, Verdict>
  creations: Creation[]
}

/** What to do with the bridges of a group, and how many to make. */
export function planGroup(group: Group, roles: Roles, view: GroupView): GroupPlan {
  if (group.hold) return { verdicts: new Map(), creations: [] }
  const verdicts = new Map<string, Verdict>()
  for (const bridge of roles.leaving) {
    const cause = nodeLeaving(bridge.node, nodeOf(bridge, group)?.leaving)
    verdicts.set(bridge.name, release(bridge, cause))
  }
  for (const bridge of stoodInFor(group, roles))
    verdicts.set(bridge.name, release(bridge, neverServed(bridge) ? unjoined : unwell))
  const missing = group.desired - roles.active.filter(isPlaced).length
  const back = missing > 0 ? takenBack(group, roles, view).slice(0, missing) : []
  for (const { name } of back) verdicts.set(name, serveAgain)
  for (const [bridge, cause] of surplus(group, roles, view)) {
    verdicts.set(bridge.name, release(bridge, cause))
  }
  return { verdicts, creations: creations(group, roles, { back: back.length, view }) }
}

type Cause = { reason: string; message: string }

const serveAgain: Verdict = {
  action: 'serve',
  reason: why.TakenBack,
  message: 'more bridges are wanted again: it serves again',
}

const nodeLeaving = (node: string | undefined, how: string | null | undefined): Cause => ({
  reason: why.NodeLeaving,
  message: `node ${node} is ${how}: its bridges drain, and others take their place`,
})

const unjoined: Cause = {
  reason: why.NeverServed,
  message: 'it has never joined prosody while others did, and as many as are wanted serve',
}

const unwell: Cause = {
  reason: why.Unwell,
  message: 'it has said for long that it is not well, and as many as are wanted serve',
}

/**
 * Bridges that take no meetings and are not needed: as long as others are missing, or are to be
 * replaced, they show that one more of the kind may take none either.
 */
function stoodInFor({ desired }: Group, { active, old, unfit }: Roles): Bridge[] {
  const inFull = old.length === 0 && active.filter(surelyServes).length >= desired
  return inFull ? unfit.filter(({ intent }) => intent === 'serve') : []
}

/** Out of service: at once where nobody can be on it, by a drain otherwise. */
function release(bridge: Bridge, cause: Cause): Verdict {
  return neverStarted(bridge)
    ? { action: 'remove', reason: why.NeverServed, message: `${cause.message}; nobody was on it` }
    : { action: 'drain', ...cause }
}

/** Has it a node? One that waits for one is no reason to let another go. */
const isPlaced = ({ state }: Bridge) => state !== 'Pending'

/** Draining bridges that may serve again, those with most people first. */
function takenBack(group: Group, { draining }: Roles, { outdated, now }: GroupView): Bridge[] {
  return draining
    .filter(bridge => outdated(bridge).length === 0 && !bridge.facts?.shuttingDown)
    .filter(bridge => !nodeOf(bridge, group)?.leaving)
    .filter(({ drainDeadline }) => !drainDeadline || drainDeadline > now)
    .sort((a, b) => participantsOf(b) - participantsOf(a) || a.index - b.index)
}

/** Bridges that are too many, each with the cause. */
function surplus(group: Group, roles: Roles, view: GroupView): [Bridge, Cause][] {
  const { active, old, current } = roles
  if (group.unwanted) {
    const cause = nodeLeaving(group.pinnedTo, group.unwanted)
    return active.map(bridge => [bridge, cause])
  }
  const replaced = new Set(replacedNow(group, roles, view))
  const beyond = active.length - replaced.size - group.desired - spareSurge(group, roles, view)
  const left = [...current, ...old].filter(bridge => !replaced.has(bridge))
  // Those that start are not there for anybody yet: until they are, as many as wanted serve on.
  let dispensable = left.filter(surelyServes).length - group.desired
  return [
    ...[...replaced].map((bridge): [Bridge, Cause] => [bridge, rollout(view.outdated(bridge))]),
    ...left
      .sort(victimOrder)
      .slice(0, Math.max(0, beyond))
      .filter(bridge => (surelyServes(bridge) ? dispensable-- > 0 : !isOutOfSight(bridge, view)))
      .map((bridge): [Bridge, Cause] => [bridge, scaleIn(group)]),
  ]
}

/**
 * Had it not joined yet, or was it not well, when it was looked at last, longer ago than such a one
 * is looked at anew? Whether it counts is not known then: one that never joins would be made again
 * as soon as it is, and one that is well again may serve.
 */
const isOutOfSight = (bridge: Bridge, { now }: GroupView) =>
  bridge.facts !== undefined &&
  (neverServed(bridge) || !bridge.facts.healthy) &&
  !isFresh(bridge.facts, now)

const scaleIn = ({ desired }: Group): Cause => ({
  reason: why.ScaleIn,
  message: `${desired} bridges are wanted, and it has the fewest people`,
})

const rollout = (parts: string[]): Cause => ({
  reason: why.Rollout,
  message: `its ${parts.join(', ')} changed, and a new bridge takes its place`,
})

/** Has a new one come to nothing on the node of the group? Only one on another node tells more. */
const isTried = ({ pinnedTo }: Group, { missed }: Roles, { outdated }: GroupView) =>
  pinnedTo !== undefined && missed.some(bridge => outdated(bridge).length === 0)

function creations(
  group: Group,
  roles: Roles,
  { back, view }: { back: number; view: GroupView },
): Creation[] {
  const { active, current, old, withheld } = roles
  const missing = Math.max(0, group.desired - active.length - back)
  // Without old bridges none is replaced anyway; to look for a free port would be the dear part.
  const mayReplace =
    old.length > 0 &&
    !isTried(group, roles, view) &&
    !isCrowded(roles, view) &&
    view.portFree(group)
  const replacements = mayReplace
    ? Math.max(0, Math.min(view.surge, group.desired - current.length - missing - back))
    : 0
  return [
    ...Array.from({ length: Math.max(0, missing - withheld) }, () =>
      creationIn(group, why.ScaleOut, `${group.desired} bridges are wanted`),
    ),
    ...Array.from({ length: replacements }, () =>
      creationIn(group, why.Rollout, 'it takes the place of an outdated bridge'),
    ),
  ]
}
