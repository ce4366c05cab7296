import { type Static, Type } from '@sinclair/typebox'
import { podOverrides } from './pod-overrides.ts'
import {
  ConfigMapFile,
  Duration,
  KubeList,
  KubeValue,
  Section,
  StringEnum,
  StringMap,
} from './schema.ts'

/** No cluster runs more, and one mistyped number must not take the memory of an operator for all. */
const mostBridges = 10_000

const Strategy = Section(
  {
    type: StringEnum(['static', 'daemonset', 'autoscaled'], {
      default: 'static',
      description:
        'static: `replicas` bridges. daemonset: `perNode` bridges on every matching node. autoscaled: between `minReplicas` and `maxReplicas`, following the load.',
    }),
    replicas: Type.Integer({
      minimum: 0,
      maximum: mostBridges,
      default: 1,
      description:
        'Number of bridges. With type autoscaled the autoscaler writes it: leave it out of your manifests.',
    }),
    minReplicas: Type.Integer({
      minimum: 1,
      maximum: mostBridges,
      default: 2,
      description: 'Fewest bridges (autoscaled). With one bridge there is nowhere to move people.',
    }),
    maxReplicas: Type.Integer({
      minimum: 1,
      maximum: mostBridges,
      default: 10,
      description: 'Most bridges (autoscaled).',
    }),
    perNode: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 1,
      description: 'Bridges on each matching node (daemonset).',
    }),
  },
  { description: 'Which bridges should exist.' },
)

const Ports = Section(
  {
    udp: Type.Integer({
      minimum: 1,
      maximum: 65535,
      default: 10000,
      description: 'First UDP port for media. The firewall must let it in from everywhere.',
    }),
    count: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 10,
      description:
        'Number of ports from `udp` on. Each bridge holds one for life; two or more let old and new bridges of one node run side by side.',
    }),
    tcp: Type.Optional(
      Type.Integer({
        description: 'Accepted and ignored: bridges have no media over TCP any more, use TURN.',
      }),
    ),
  },
  { description: 'UDP ports of the bridges.' },
)

const Exposure = Section(
  {
    type: StringEnum(['HostPort', 'HostNetwork', 'NodePort', 'LoadBalancer', 'None'], {
      default: 'HostPort',
      description:
        'How clients reach a bridge. HostPort: a port of its node. HostNetwork: the network of its node, one bridge per node. NodePort: a Service per bridge. LoadBalancer: one address for all bridges, one port each. None: through TURN only.',
    }),
    perBridge: Type.Boolean({
      default: false,
      description: 'LoadBalancer only: a load balancer for each bridge instead of one for all.',
    }),
    addresses: Type.Optional(
      Type.Array(Type.String({ minLength: 2, maxLength: 253 }), {
        maxItems: 8,
        description:
          'Public addresses to advertise instead of those found on nodes or load balancers, such as the address of a NAT in front of the cluster.',
      }),
    ),
    addressSources: Type.Optional(
      Type.Array(StringEnum(['ExternalIP', 'InternalIP']), {
        maxItems: 2,
        description:
          'Which addresses of a node to advertise, all that are named. Without it: the ExternalIP where the node has one, else the InternalIP.',
      }),
    ),
    stunServers: Type.Optional(
      Type.Array(Type.String({ minLength: 3 }), {
        maxItems: 4,
        description:
          'STUN servers (`host:port`) that a bridge asks for its own public address. None by default: other people’s servers would learn of your meetings.',
      }),
    ),
    annotations: Type.Optional(
      StringMap({ description: 'Annotations of the bridges’ Services (NodePort, LoadBalancer).' }),
    ),
    loadBalancerClass: Type.Optional(
      Type.String({ description: 'Which load balancer controller serves the Service.' }),
    ),
    ipFamilyPolicy: Type.Optional(
      StringEnum(['SingleStack', 'PreferDualStack', 'RequireDualStack'], {
        description: 'IP families of the bridges’ Services.',
      }),
    ),
  },
  { description: 'How clients reach the bridges.' },
)

const Drain = Section(
  {
    timeout: Duration({
      default: '45m',
      description:
        'How long the meetings of a bridge that has to go may last before the policy applies. Clouds force a node away after an hour, so stay below it.',
    }),
    policy: StringEnum(['evacuate', 'wait'], {
      default: 'evacuate',
      description:
        'evacuate: after the timeout people are moved to other bridges, one bridge at a time. wait: the bridge stays until its last meeting ends.',
    }),
  },
  { description: 'How a bridge that has to go is emptied.' },
)

const Rollout = Section(
  {
    maxSurge: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 1,
      description: 'How many bridges more than wanted may run while bridges are replaced.',
    }),
  },
  { description: 'How bridges are replaced after a change.' },
)

const Metric = Section(
  {
    source: StringEnum(['cpu', 'stress', 'kube-metrics-adapter', 'custom'], {
      default: 'cpu',
      description:
        'What the autoscaler follows. cpu: needs metrics-server. stress: the bridges’ own figure, needs nothing more. kube-metrics-adapter: the same through that adapter. custom: `metrics` as given.',
    }),
    target: Type.String({
      pattern: '^0?\\.[0-9]{1,2}$|^1(\\.0+)?$',
      default: '0.65',
      description: 'Stress that an average bridge should have; 1 is a full bridge.',
    }),
    metrics: Type.Optional(
      KubeList<Record<string, unknown>>({
        description: 'The HPA’s own `metrics` list (source custom).',
      }),
    ),
  },
  { description: 'The figure that the fleet follows.' },
)

const Overprovisioning = Type.Object(
  {
    replicas: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'For how many bridges to hold room on nodes.',
    }),
    priorityClassName: Type.String({
      minLength: 1,
      maxLength: 253,
      description:
        'PriorityClass of the placeholders. You make it (`kubectl create priorityclass overprovisioning --value=-10`), for it belongs to the whole cluster. Its value must be below that of the bridges, and not below -10, or cluster-autoscaler starts no node for them.',
    }),
  },
  {
    description:
      'Overprovisioning of nodes, for clusters whose nodes take minutes to start: placeholders, Pods of the size of a bridge that do nothing, keep nodes warm, with the image on them. A bridge takes the place of one at once, and the node that it needs next starts meanwhile. Their Pods cost as much as bridges do. None without this section.',
  },
)

const Autoscaling = Section(
  {
    metric: Metric,
    tolerance: Type.Optional(
      Type.String({
        pattern: '^0(\\.[0-9]{1,3})?$',
        description: 'How far the figure may be off the target before anything happens (0.1).',
      }),
    ),
    behavior: Type.Optional(
      KubeValue<Record<string, unknown>>({
        description:
          'scaleUp and scaleDown as in a HorizontalPodAutoscaler, in place of our defaults.',
      }),
    ),
    schedule: Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, maxLength: 63, description: 'Name shown in status.' }),
        cron: Type.String({
          minLength: 9,
          description: 'When it begins: minute, hour, day of month, month, day of week.',
        }),
        timezone: Type.Optional(
          Type.String({ description: 'IANA time zone of the entry; spec.timezone otherwise.' }),
        ),
        duration: Duration({ description: 'How long it lasts.' }),
        minReplicas: Type.Integer({
          minimum: 1,
          maximum: mostBridges,
          description: 'Fewest bridges while it lasts.',
        }),
      }),
      {
        default: [],
        maxItems: 50,
        description:
          'Times at which more bridges must be ready, such as before lessons begin; the largest of overlapping entries counts. Begin 15 minutes early.',
      },
    ),
    spare: Type.Optional(
      Type.String({
        pattern: '^[0-9]+%?$',
        description: 'Room to keep ahead of the load: participants (`100`) or per cent (`20%`).',
      }),
    ),
    overprovisioning: Type.Optional(Overprovisioning),
  },
  { description: 'How an autoscaled fleet follows the load.' },
)

/** `spec.jvb`: the video bridges. */
export const JvbSpec = Section(
  {
    ...podOverrides,
    customConfigCM: ConfigMapFile('custom-jvb.conf', 'is appended to jvb.conf'),
    regionFrom: StringEnum(['spec', 'nodeRegion', 'nodeZone'], {
      default: 'spec',
      description:
        'Which region each bridge is of. spec: `spec.region`. nodeRegion, nodeZone: the label topology.kubernetes.io/region or zone of its node, `spec.region` where there is none. Meetings span bridges of several regions.',
    }),
    strategy: Strategy,
    ports: Ports,
    exposure: Exposure,
    drain: Drain,
    rollout: Rollout,
    autoscaling: Autoscaling,
    gracefulShutdown: Type.Optional(
      Type.Boolean({
        description: 'Accepted and ignored: bridges are always drained before they go.',
      }),
    ),
  },
  { description: 'The video bridges (JVB), which carry the media.' },
)
export type JvbSpec = Static<typeof JvbSpec>
