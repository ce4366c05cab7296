import { type Static, Type } from '@sinclair/typebox'
import { Network, Section } from './schema.ts'

const Namespace = (description: string) =>
  Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description })

/** `spec.networkPolicy`: who may talk to which component. */
export const NetworkPolicySpec = Section(
  {
    enabled: Type.Boolean({
      default: true,
      description:
        'Make NetworkPolicies: media from anywhere, everything else only from the components that need it. They take effect where the network plugin enforces them. Outgoing traffic is left open.',
    }),
    operatorNamespace: Type.Optional(
      Namespace(
        'Namespace of jitsi-operator, which reads the private ports of bridges, jicofo and jibri; worked out from the address at which Metacontroller calls it.',
      ),
    ),
    prometheusNamespace: Type.String({
      default: 'monitoring',
      pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
      description: 'Namespace whose Pods may read the figures of all components (spec.metrics).',
    }),
    ingressNamespace: Type.Optional(
      Namespace(
        'Namespace of the ingress controller or Gateway. With it only Pods from there reach web; without it web is open to all. Leave it out for a controller in the network of its nodes.',
      ),
    ),
    nodeCIDRs: Type.Optional(
      Type.Array(Network('Network such as 192.168.10.0/24.'), {
        maxItems: 16,
        description:
          'Networks of the nodes, from which bridges with exposure HostNetwork reach prosody. Without it such bridges leave prosody’s XMPP port open to all.',
      }),
    ),
  },
  { description: 'NetworkPolicies of the components.' },
)
export type NetworkPolicySpec = Static<typeof NetworkPolicySpec>
