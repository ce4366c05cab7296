import { type Static, Type } from '@sinclair/typebox'
import { AutoscalingSpec, mostBridges } from './autoscaling-spec.ts'
import { podOverrides } from './pod-overrides.ts'
import { ConfigMapFile, Duration, Section, StringEnum, StringMap } from './schema.ts'

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
    autoscaling: AutoscalingSpec,
    gracefulShutdown: Type.Optional(
      Type.Boolean({
        description: 'Accepted and ignored: bridges are always drained before they go.',
      }),
    ),
  },
  { description: 'The video bridges (JVB), which carry the media.' },
)
export type JvbSpec = Static<typeof JvbSpec>
