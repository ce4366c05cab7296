import { type Static, Type } from '@sinclair/typebox'
import { podOverrides } from './pod-overrides.ts'
import { ObjectReference, Section, StringEnum, StringMap } from './schema.ts'

const Port = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65535, default: value, description })

/** `spec.coturn`: a TURN server of our own. */
export const CoturnSpec = Section(
  {
    ...podOverrides,
    image: Type.String({
      default: 'docker.io/coturn/coturn:4.6.3',
      minLength: 1,
      description: 'Whole image reference.',
    }),
    enabled: Type.Boolean({
      default: false,
      description: 'Run a TURN server, for people whose firewall lets no UDP out.',
    }),
    host: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
        description:
          'Host name or IPv4 address that clients are told, such as turn.example.org. Needed for TLS. Without it: the address of the load balancer, or (NodePort, HostNetwork) those of the nodes that nodeSelector matches, external ones first.',
      }),
    ),
    replicas: Type.Integer({
      minimum: 1,
      maximum: 20,
      default: 1,
      description: 'Number of servers. A client stays with one as long as its connection lasts.',
    }),
    exposure: Section(
      {
        type: StringEnum(['LoadBalancer', 'NodePort', 'ClusterIP', 'HostNetwork'], {
          default: 'LoadBalancer',
          description:
            'How clients reach it. LoadBalancer, NodePort, ClusterIP: a Service, TCP only, which is what firewalls let out; with NodePort, `ports` from 30000 to 32767 are opened on the nodes as they stand, and for others Kubernetes chooses. HostNetwork: the ports of its node, UDP as well; choose the node with nodeSelector.',
        }),
        annotations: Type.Optional(StringMap({ description: 'Annotations of the Service.' })),
        loadBalancerClass: Type.Optional(
          Type.String({ description: 'Which load balancer controller serves the Service.' }),
        ),
      },
      { description: 'How clients reach the TURN server.' },
    ),
    ports: Section(
      {
        turn: Port(3478, 'Port of TURN without TLS.'),
        turns: Port(443, 'Port of TURN over TLS; 443 passes the strictest firewalls.'),
        relayMin: Port(49152, 'First UDP port for relayed media, between this server and bridges.'),
        relayMax: Port(65535, 'Last UDP port for relayed media.'),
      },
      { description: 'Ports of the TURN server.' },
    ),
    tls: Type.Optional(
      ObjectReference({
        description:
          'Secret of type kubernetes.io/tls with the certificate for `host`, as cert-manager makes it; offers TURN over TLS. A renewed one is taken up within a minute, without a restart.',
      }),
    ),
  },
  { description: 'Coturn, the TURN server.' },
)
export type CoturnSpec = Static<typeof CoturnSpec>

/** What the API server can refuse, each with its way out. */
export const coturnRules = [
  {
    rule: '!self.coturn.enabled || has(self.coturn.host) || !has(self.coturn.tls)',
    message:
      'coturn.tls needs coturn.host, the name in its certificate: clients refuse it for an address',
  },
  {
    rule: "!self.coturn.enabled || has(self.coturn.host) || self.coturn.exposure.type != 'ClusterIP'",
    message:
      'coturn.exposure.type ClusterIP needs coturn.host: only you know what leads to that Service',
  },
  {
    rule: "!self.coturn.enabled || has(self.coturn.host) || has(self.coturn.nodeSelector) || !(self.coturn.exposure.type in ['NodePort', 'HostNetwork'])",
    message:
      'coturn.exposure.type NodePort and HostNetwork need coturn.nodeSelector, the nodes whose addresses clients are told, or coturn.host',
  },
  {
    rule: '!self.coturn.enabled || !has(self.turn)',
    message: 'turn and coturn.enabled exclude each other: one TURN server or the other',
  },
  {
    rule: '!self.coturn.enabled || self.coturn.ports.relayMin <= self.coturn.ports.relayMax',
    message:
      'coturn.ports.relayMin must not be larger than coturn.ports.relayMax: lower the one or raise the other',
  },
]
