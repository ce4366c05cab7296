import { type Bridge, isStopping } from '../components/jvb/bridge.ts'
import type { FleetPlan } from '../components/jvb/fleet.ts'
import { isLongUnwell } from '../components/jvb/lost.ts'
import { isStuck } from '../components/jvb/replacing.ts'
import { bridgeReason, type Creation } from '../components/jvb/verdict.ts'

/** What was decided about bridges, and for which of the new ones no port was free. */
interface Decided {
  bridges: readonly Bridge[]
  fleet: FleetPlan
  withoutPort: readonly Creation[]
  /** One that the API server refuses, and all that are made with it. */
  refused: string | undefined
  now: Date
}

/**
 * Are bridges being replaced, and does it go on? One that has come to a stop can be for ever, and
 * while all bridges are without XMPP it waits for prosody, which must not wait for it. But where
 * new bridges do not come up, prosody and jicofo of the same release may not come up either, and
 * there is only one of each.
 */
export const isRollingOut = (decided: Decided): boolean =>
  !decided.fleet.frozen &&
  decided.bridges.some(
    bridge =>
      bridge.state !== 'Terminating' &&
      (bridge.intentReason === bridgeReason.Rollout || isOutdated(bridge, decided.fleet)),
  ) &&
  (areChanging(decided) ||
    decided.refused !== undefined ||
    decided.bridges.some(bridge => comesNotUp(bridge, decided.fleet)))

/** Is it of the spec in force, and has not answered once, though its node is well? */
const comesNotUp = (bridge: Bridge, fleet: FleetPlan): boolean =>
  bridge.state === 'Suspect' &&
  !bridge.facts &&
  bridge.nodeFacts?.ready !== false &&
  !isOutdated(bridge, fleet)

/** Are bridges being made, drained or replaced? Those that can but wait are not. */
export function areChanging({ bridges, fleet, withoutPort, refused, now }: Decided): boolean {
  const unplaced = new Set(withoutPort)
  // What hangs in its deletion may do so for ever, as on a node whose kubelet is gone.
  const hangs = (bridge: Bridge) => bridge.state === 'Terminating' && !isStopping(bridge, now)
  const waits = (bridge: Bridge) =>
    bridge.state === 'Suspect' ||
    isUnfit(bridge, fleet, now) ||
    isStuck(bridge, now) ||
    hangs(bridge)
  return (
    fleet.verdicts.size > 0 ||
    (!refused && fleet.creations.some(creation => !unplaced.has(creation))) ||
    bridges.some(bridge => bridge.state !== 'Serving' && !waits(bridge))
  )
}

/** Is it of another spec than the one in force? */
export const isOutdated = (bridge: Bridge, fleet: FleetPlan): boolean =>
  fleet.outdated(bridge).length > 0

/** Is it there to serve, and takes no meetings, while others do, or as none is well? */
export const isUnfit = (bridge: Bridge, { takingNone }: FleetPlan, now: Date): boolean =>
  bridge.intent === 'serve' && (takingNone.has(bridge) || isLongUnwell(bridge, now))
