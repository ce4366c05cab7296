import { secondsOf } from '../../api/schema.ts'
import { annotation, label } from '../../kube/annotations.ts'
import { timeText } from '../../kube/conditions.ts'
import { doNotDisrupt, eviction } from '../../kube/eviction.ts'
import { hold, planAnnotations } from '../../kube/hold.ts'
import type { KubeObject } from '../../kube/types.ts'
import { budget } from '../budget.ts'
import type { Context } from '../context.ts'
import { mostNewPods } from '../new-pods.ts'
import { type Bridge, isIdle } from './bridge.ts'
import { bridgePod } from './bridge-pod.ts'
import { bridgeConfigMap } from './config.ts'
import type { FleetPlan } from './fleet.ts'
import { bridgeServices } from './media-services.ts'
import { portsOfFleet } from './ports.ts'
import { advertised } from './public-address.ts'
import { regionAnnotation } from './region.ts'
import { bridgeName, type NewBridge } from './template.ts'
import type { Creation, Verdict } from './verdict.ts'

/** The objects of the bridges, and the creations for which no port was free. */
export interface BridgeObjects {
  objects: KubeObject[]
  created: { name: string; creation: Creation }[]
  withoutPort: Creation[]
}

/** Turns what was decided into objects: Pods as they should be, and all that stands around them. */
export function bridgeObjects(
  context: Context,
  bridges: readonly Bridge[],
  plan: FleetPlan,
): BridgeObjects {
  const kept = bridges.filter(({ name }) => plan.verdicts.get(name)?.action !== 'remove')
  const { made, withoutPort } = newBridges(context, bridges, plan)
  const madeNames = made.map(({ bridge }) => bridgeName(context, bridge.index))
  const busy = bridges.filter(bridge => bridge.state !== 'Terminating' && !isIdle(bridge)).length
  return {
    withoutPort,
    created: made.map(({ bridge, creation }) => ({
      name: bridgeName(context, bridge.index),
      creation,
    })),
    objects: [
      bridgeConfigMap(context),
      ...bridgeServices(context, bridges, madeNames),
      budget(context, 'jvb', busy),
      ...kept.map(bridge =>
        bridge.state === 'Terminating'
          ? hold(bridge.pod)
          : keptPod(context, bridge, {
              verdict: plan.verdicts.get(bridge.name),
              frozen: plan.frozen,
            }),
      ),
      ...made.map(({ bridge }) => bridgePod(context, bridge, plan.revision)),
    ],
  }
}

/** A Pod that stays: its observed spec, with the intent and the address that we decided on. */
function keptPod(
  context: Context,
  bridge: Bridge,
  { verdict, frozen }: { verdict: Verdict | undefined; frozen: boolean },
): KubeObject {
  const intent = intentOf(bridge, verdict)
  const held = hold(bridge.pod)
  const counted =
    !frozen && (intent === 'drain' || bridge.state === 'Suspect') ? {} : { [label.counted]: 'true' }
  const { [label.counted]: was, ...labels } = held.metadata.labels ?? {}
  return {
    ...held,
    metadata: {
      ...held.metadata,
      labels: { ...labels, ...(frozen ? (was ? { [label.counted]: was } : {}) : counted) },
      annotations: {
        ...withoutDrain(planAnnotations(bridge.pod)),
        ...drainAnnotations(context, bridge, { verdict, intent }),
        ...addressAnnotation(context, bridge),
        ...regionAnnotation(context, bridge),
        ...evictionAnnotations(bridge),
      },
    },
  }
}

function intentOf({ intent }: Bridge, verdict: Verdict | undefined): 'serve' | 'drain' {
  if (verdict?.action === 'drain') return 'drain'
  return verdict?.action === 'serve' ? 'serve' : intent
}

const daemonsetPod = 'cluster-autoscaler.kubernetes.io/daemonset-pod'

/** The annotations that are said anew each time, or not at all. */
function withoutDrain(annotations: Record<string, string>): Record<string, string> {
  const {
    [annotation.intent]: _,
    [annotation.intentReason]: __,
    [annotation.drainingSince]: ___,
    [annotation.drainDeadline]: ____,
    [doNotDisrupt]: _____,
    [daemonsetPod]: ______,
    ...others
  } = annotations
  return others
}

function drainAnnotations(
  { spec, now }: Context,
  { drainingSince, drainDeadline, intentReason }: Bridge,
  { verdict, intent }: { verdict: Verdict | undefined; intent: 'serve' | 'drain' },
): Record<string, string> {
  if (intent === 'serve') return { [annotation.intent]: 'serve' }
  const since = drainingSince ?? now
  const end = drainDeadline ?? new Date(since.getTime() + secondsOf(spec.jvb.drain.timeout) * 1000)
  return {
    [annotation.intent]: 'drain',
    [annotation.intentReason]: intentReason || (verdict?.reason ?? ''),
    [annotation.drainingSince]: timeText(since),
    ...(spec.jvb.drain.policy === 'evacuate'
      ? { [annotation.drainDeadline]: String(Math.floor(end.getTime() / 1000)) }
      : {}),
  }
}

/** Written once: the bridge reads it at start, and a later address makes it outdated instead. */
function addressAnnotation(context: Context, bridge: Bridge): Record<string, string> {
  const written = bridge.pod.metadata.annotations?.[annotation.advertise]
  if (written) return {}
  const address = advertised(context, bridge)
  return address ? { [annotation.advertise]: address } : {}
}

/** What node autoscalers may do with it; unknown is busy. */
function evictionAnnotations(bridge: Bridge): Record<string, string> {
  const idle = isIdle(bridge)
  return {
    ...eviction(!idle),
    ...(idle && bridge.pinnedTo ? { [daemonsetPod]: 'true' } : {}),
  }
}

/**
 * Numbers and ports for bridges to be made. Numbers follow the highest one ever seen: a plan made
 * from an older view names the same Pods again, and creating what exists changes nothing. The
 * highest one of those that are there would not do: a view can have lost a bridge that is gone
 * before it has the one that was made after it.
 */
function newBridges(
  context: Context,
  bridges: readonly Bridge[],
  { creations, lastNumber }: FleetPlan,
): { made: { bridge: NewBridge; creation: Creation }[]; withoutPort: Creation[] } {
  const ports = portsOfFleet(context.spec.jvb, bridges)
  const made: { bridge: NewBridge; creation: Creation }[] = []
  const withoutPort: Creation[] = []
  let index = lastNumber
  for (const creation of creations) {
    const { pinnedTo, portsRefused } = creation
    const port = ports.choose({ node: pinnedTo, refused: portsRefused })
    if (port === undefined) {
      withoutPort.push(creation)
      continue
    }
    index += 1
    ports.take({ node: pinnedTo, port })
    made.push({ bridge: { index, port, pinnedTo, portsRefused }, creation })
  }
  // Cut off here, not before: those without a port must not keep others from being made.
  return { made: made.slice(0, mostNewPods), withoutPort }
}
