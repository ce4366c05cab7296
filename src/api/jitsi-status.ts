import { type Static, Type } from '@sinclair/typebox'
import { KubeValue, StringEnum } from './schema.ts'

const Condition = Type.Object(
  {
    type: Type.String({ description: 'What it speaks of, such as Ready.' }),
    status: StringEnum(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
    reason: Type.String({ description: 'Why, as one stable CamelCase word.' }),
    message: Type.String({ description: 'Why, as a sentence that says what to do.' }),
    lastTransitionTime: Type.String({
      format: 'date-time',
      description: 'When `status` last changed.',
    }),
    observedGeneration: Type.Optional(
      Type.Integer({ description: 'Generation of the spec that it speaks of.' }),
    ),
  },
  { description: 'One judgement about the installation.' },
)
export type Condition = Static<typeof Condition>

const BridgeStatus = Type.Object(
  {
    name: Type.String({ description: 'Name of the Pod.' }),
    state: Type.String({
      description:
        'Starting, Serving, Draining, Empty, Suspect, Pending, Failed, Terminating or Unknown.',
    }),
    node: Type.Optional(Type.String({ description: 'Node that it runs on.' })),
    address: Type.Optional(
      Type.String({ description: 'Advertised `address#port`, comma separated.' }),
    ),
    port: Type.Optional(Type.Integer({ description: 'UDP port that it holds.' })),
    stress: Type.Optional(Type.String({ description: 'Stress, in steps of 0.05; 1 is full.' })),
    participants: Type.Optional(Type.Integer({ description: 'People on it, coarse.' })),
    conferences: Type.Optional(Type.Integer({ description: 'Meetings on it, coarse.' })),
    reason: Type.Optional(Type.String({ description: 'Why it is in this state.' })),
    message: Type.Optional(Type.String({ description: 'What it waits for, as a sentence.' })),
    since: Type.Optional(Type.String({ description: 'Since when it drains.' })),
  },
  { description: 'One video bridge.' },
)
export type BridgeStatus = Static<typeof BridgeStatus>

const PortStatus = Type.Object(
  {
    protocol: StringEnum(['UDP', 'TCP'], { description: 'Transport protocol.' }),
    from: Type.Integer({ description: 'First port.' }),
    to: Type.Integer({ description: 'Last port.' }),
    target: Type.String({
      description: 'Where it must be open: nodes, or the address of a load balancer.',
    }),
  },
  { description: 'A range of ports that the firewall must let in.' },
)
export type PortStatus = Static<typeof PortStatus>

const Fleet = Type.Object(
  {
    desired: Type.Integer({ description: 'Bridges that should serve.' }),
    serving: Type.Integer({ description: 'Bridges that take meetings.' }),
    starting: Type.Integer({ description: 'Bridges that are not ready yet.' }),
    draining: Type.Integer({ description: 'Bridges that wait for their last meeting to end.' }),
    participants: Type.Integer({ description: 'People on all bridges, coarse.' }),
    conferences: Type.Integer({ description: 'Meetings on all bridges, coarse.' }),
    lastNumber: Type.Optional(
      Type.Integer({
        description: 'The highest number that a bridge has had; none is used again.',
      }),
    ),
  },
  { description: 'Totals over all bridges.' },
)
export type FleetTotals = Static<typeof Fleet>

/** `status` of a Jitsi: judged on observed objects only. */
export const JitsiStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ description: 'Generation of the spec that this status speaks of.' }),
    ),
    conditions: Type.Optional(
      Type.Array(Condition, {
        description: 'Judgements about the installation, by type.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    ),
    url: Type.Optional(Type.String({ description: 'Where people meet.' })),
    replicas: Type.Optional(
      Type.Integer({
        description: 'Bridges that start or serve; what the autoscaler takes as the present count.',
      }),
    ),
    selector: Type.Optional(
      Type.String({ description: 'Label selector of those bridges, for the autoscaler.' }),
    ),
    bridgesSummary: Type.Optional(Type.String({ description: 'Serving and wanted bridges.' })),
    fleet: Type.Optional(Fleet),
    bridges: Type.Optional(
      Type.Array(BridgeStatus, {
        description: 'At most 100 bridges, those that do not serve first.',
      }),
    ),
    ports: Type.Optional(Type.Array(PortStatus, { description: 'What the firewall must let in.' })),
    rollout: Type.Optional(
      Type.Object(
        {
          waitingSince: Type.Optional(
            Type.String({ description: 'Since when a restart of prosody or jicofo waits.' }),
          ),
          makingSince: Type.Optional(
            Type.String({ description: 'Since when bridges are made of which none has appeared.' }),
          ),
          lastEvacuation: Type.Optional(
            Type.String({ description: 'When a bridge was last evacuated.' }),
          ),
        },
        { description: 'What the plan must remember of changes under way.' },
      ),
    ),
    autoscaling: Type.Optional(
      KubeValue<Record<string, unknown>>({
        description: 'What the autoscaler remembers, and which schedule entry is in force.',
      }),
    ),
  },
  { description: 'What the installation is.' },
)
export type JitsiStatus = Static<typeof JitsiStatus>
