import type { PodStatus } from 'kubernetes-types/core/v1.js'
import type { BridgeFacts, JicofoFacts, NodeFacts } from '../../../src/api/facts.ts'
import type { Context } from '../../../src/components/context.ts'
import { type Bridge, bridgesOf } from '../../../src/components/jvb/bridge.ts'
import { type FleetPlan, planFleet } from '../../../src/components/jvb/fleet.ts'
import { bridgeObjects } from '../../../src/components/jvb/objects.ts'
import { revisionOf } from '../../../src/components/jvb/revision.ts'
import { annotation, label } from '../../../src/kube/annotations.ts'
import type { KubeObject, Pod } from '../../../src/kube/types.ts'
import { servingFacts, threeNodes } from '../../support/cluster.ts'
import { context, now, object } from '../../support/fixtures.ts'

/** A moment so many seconds before the tests' now. */
export const ago = (seconds: number) =>
  `${new Date(now.getTime() - seconds * 1000).toISOString().slice(0, 19)}Z`

/** What a test says of an observed bridge; the rest is that of one which serves and is empty. */
export interface Seen {
  index?: number
  /** The node that it is bound to; null for one that the scheduler has not placed. */
  node?: string | null
  pinnedTo?: string
  port?: number
  portsRefused?: number[]
  intent?: 'serve' | 'drain'
  reason?: string
  /** Seconds until its drain deadline; negative when that has passed. */
  deadlineIn?: number
  /** Null for none at all. */
  facts?: Partial<BridgeFacts> | null
  nodeFacts?: Partial<NodeFacts>
  /** Seconds since the Pod was made. */
  age?: number
  /** Seconds until the grace period of a deleted Pod ends; negative when it is over. */
  graceLeft?: number
  /** Seconds that a deleted Pod has in all. */
  grace?: number
  status?: PodStatus
  /** The JSON of the revision annotation; that of a bridge made now otherwise. */
  revision?: string
  advertise?: string
  /** The name of its media port; `media-<port>` behind a shared Service. */
  portName?: string
}

/** The revision of a bridge that is older in its image only. */
export const olderImage = (parts: Context) =>
  JSON.stringify({ ...revisionOf(parts), image: 'of-last-year' })

/** A bridge's Pod as Metacontroller shows it. */
export function bridgePod(seen: Seen, parts: Context = context()): Pod {
  const { index = 0, node = 'node-1', age = 3600, intent = 'serve' } = seen
  const name = `meet-jvb-${index}`
  return object('Pod', name, {
    metadata: {
      creationTimestamp: ago(age),
      ...(seen.graceLeft === undefined ? {} : { deletionTimestamp: ago(-seen.graceLeft) }),
      labels: {
        'app.kubernetes.io/component': 'jvb',
        [label.bridge]: name,
        [label.counted]: 'true',
      },
      annotations: annotationsOf(seen, parts),
    },
    spec: {
      ...(node === null ? {} : { nodeName: node }),
      ...(seen.grace === undefined ? {} : { terminationGracePeriodSeconds: seen.grace }),
      containers: [
        {
          name: 'jvb',
          image: 'x',
          ports: [{ name: seen.portName ?? 'media', containerPort: 10000, protocol: 'UDP' }],
        },
      ],
    },
    status: seen.status ?? {
      phase: node === null ? 'Pending' : 'Running',
      startTime: ago(age),
      ...(intent && node !== null
        ? { containerStatuses: [{ name: 'jvb', state: { running: {} } }] }
        : {}),
    },
  } as Record<string, unknown>) as Pod
}

function annotationsOf(seen: Seen, parts: Context): Record<string, string> {
  const { node = 'node-1', intent = 'serve', port = 10000, facts, deadlineIn } = seen
  const written = { ...servingFacts, draining: intent === 'drain', ...facts }
  const home = { gone: false, ready: true, leaving: null, internalIPs: [], ...seen.nodeFacts }
  const optional: Record<string, string | undefined> = {
    [annotation.intentReason]: seen.reason,
    [annotation.drainingSince]: intent === 'drain' ? ago(60) : undefined,
    [annotation.drainDeadline]:
      deadlineIn === undefined ? undefined : String(Math.floor(now.getTime() / 1000) + deadlineIn),
    [annotation.pinnedTo]: seen.pinnedTo,
    [annotation.portsRefused]: seen.portsRefused?.join(','),
    [annotation.advertise]: seen.advertise,
    [annotation.facts]: facts === null || node === null ? undefined : JSON.stringify(written),
    [annotation.node]:
      node === null
        ? undefined
        : JSON.stringify({ name: node, externalIPs: ['203.0.113.1'], ...home }),
  }
  return {
    [annotation.intent]: intent,
    [annotation.port]: String(port),
    [annotation.revision]: seen.revision ?? JSON.stringify(revisionOf(parts)),
    ...Object.fromEntries(
      Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  }
}

/** The situation of a test. */
export interface Situation {
  spec?: Record<string, unknown>
  bridges?: readonly Seen[]
  /** Related Nodes, for the daemonset topology. */
  nodes?: readonly KubeObject[]
  services?: readonly KubeObject[]
  desired?: number
  jicofo?: Partial<JicofoFacts>
  canMovePeople?: boolean
  lastEvacuation?: string
  lastNumber?: number
  rolloutAllowed?: boolean
}

/** The context of a situation, with its bridges as children; a revision is that of its spec. */
export function contextWith(situation: Situation): Context {
  const { spec = {}, bridges = [], nodes = threeNodes, services = [] } = situation
  const made = context({ spec })
  const pods = bridges.map((seen, index) => bridgePod({ index, ...seen }, made))
  return context({ spec, children: [...pods, ...services], related: nodes })
}

/** What is decided about the bridges of a situation. */
export function decide(situation: Situation): FleetPlan & { context: Context; bridges: Bridge[] } {
  const parts = contextWith(situation)
  const bridges = bridgesOf(parts)
  const {
    desired = bridges.length,
    jicofo,
    canMovePeople = true,
    lastEvacuation,
    lastNumber,
    rolloutAllowed = true,
  } = situation
  const plan = planFleet(parts, bridges, {
    desired,
    jicofo: jicofo && {
      reachable: true,
      since: ago(3600),
      at: ago(30),
      conferences: 0,
      participants: 0,
      operationalBridges: 1,
      emptySince: null,
      ...jicofo,
    },
    canMovePeople,
    lastEvacuation,
    lastNumber,
    rolloutAllowed,
  })
  return { ...plan, context: parts, bridges }
}

/** What is decided, as objects. */
export function answer(situation: Situation) {
  const plan = decide(situation)
  return { ...plan, ...bridgeObjects(plan.context, plan.bridges, plan) }
}

/** `name action reason` of each verdict, and `+reason` (`@node`) of each creation, in order. */
export function summary({ verdicts, creations }: FleetPlan): string[] {
  return [
    ...[...verdicts]
      .map(([name, { action, reason }]) => `${name.replace('meet-jvb-', '')} ${action} ${reason}`)
      .sort(),
    ...creations.map(({ reason, pinnedTo }) => `+${reason}${pinnedTo ? `@${pinnedTo}` : ''}`),
  ]
}
