import type { TSchema } from '@sinclair/typebox'
import type { KubeObject } from '../kube/types.ts'
import { authRules } from './auth-spec.ts'
import { companionRules } from './companions-spec.ts'
import { coturnRules } from './coturn-spec.ts'
import { JitsiSpec } from './jitsi.ts'
import { JitsiStatus } from './jitsi-status.ts'
import { meetingRules } from './meetings-spec.ts'

export const group = 'apps.jit.si'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

type Json = Record<string, unknown>

/**
 * A schema as `openAPIV3Schema` takes it: plain data, without the JSON Schema words that a
 * structural schema forbids, and with `required` without the members that have a default (the API
 * server fills those in before it validates).
 */
function structural(schema: TSchema): Json {
  return rewrite(JSON.parse(JSON.stringify(schema)) as Json)
}

function rewrite({ anyOf, patternProperties, required, properties, items, ...rest }: Json): Json {
  const members = (properties ?? {}) as Record<string, Json>
  const needed = ((required ?? []) as string[]).filter(
    name => !('default' in (members[name] ?? {})),
  )
  const [anyName] = Object.values((patternProperties ?? {}) as Record<string, Json>)
  return {
    ...rest,
    ...(anyOf && !rest['x-kubernetes-int-or-string'] ? enumOf(anyOf as Json[]) : {}),
    ...(anyName ? { additionalProperties: rewrite(anyName) } : {}),
    ...(needed.length > 0 ? { required: needed } : {}),
    ...(items ? { items: rewrite(items as Json) } : {}),
    ...(Object.keys(members).length > 0
      ? {
          properties: Object.fromEntries(
            Object.entries(members).map(([name, member]) => [name, rewrite(member)]),
          ),
        }
      : {}),
  }
}

/** A choice of constants. */
const enumOf = (choices: Json[]): Json => ({
  type: 'string',
  enum: choices.map(choice => choice.const),
})

/** Mistakes that span several fields and that the API server can refuse, each with its way out. */
export const specRules = [
  {
    rule: '!self.gateway.enabled || size(self.gateway.parentRefs) > 0',
    message: 'gateway.enabled needs gateway.parentRefs, the Gateway to attach to',
  },
  ...authRules,
  ...meetingRules,
  ...coturnRules,
  ...companionRules,
  {
    rule: "self.web.signalling != 'direct' || !self.visitors.enabled",
    message:
      'web.signalling direct and visitors.enabled exclude each other: only web knows the way to the server of a visitor',
  },
  {
    rule: "self.jvb.strategy.type != 'autoscaled' || self.jvb.strategy.minReplicas <= self.jvb.strategy.maxReplicas",
    message:
      'jvb.strategy.minReplicas must not be larger than jvb.strategy.maxReplicas: raise the one or lower the other',
  },
  {
    rule: "self.jvb.strategy.type != 'autoscaled' || self.jvb.strategy.replicas >= 1",
    message:
      'jvb.strategy.replicas must be at least 1 when jvb.strategy.type is autoscaled: leave it out, the autoscaler writes it',
  },
  {
    rule: 'self.jvb.ports.udp + self.jvb.ports.count - 1 <= 65535',
    message: 'jvb.ports.udp + jvb.ports.count reaches beyond port 65535: lower one of them',
  },
  {
    rule: "!self.jvb.exposure.perBridge || self.jvb.exposure.type == 'LoadBalancer'",
    message:
      'jvb.exposure.perBridge needs jvb.exposure.type LoadBalancer: the other types have an address per bridge or per node anyway',
  },
  {
    rule: "self.jvb.autoscaling.metric.source != 'custom' || has(self.jvb.autoscaling.metric.metrics)",
    message:
      'jvb.autoscaling.metric.source custom needs jvb.autoscaling.metric.metrics, the metrics list of a HorizontalPodAutoscaler',
  },
]

/** Services are named after the Jitsi, and DNS takes a dot in the name of one for two names. */
const nameRules = [
  {
    rule: "!self.metadata.name.contains('.')",
    message:
      'metadata.name must not contain dots, since Services are named after it: write meet-example instead of meet.example',
  },
]

const columns = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Bridges', type: 'string', jsonPath: '.status.bridgesSummary' },
  { name: 'Draining', type: 'integer', jsonPath: '.status.fleet.draining' },
  { name: 'Participants', type: 'integer', jsonPath: '.status.fleet.participants' },
  { name: 'URL', type: 'string', jsonPath: '.status.url' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
]

/** The CustomResourceDefinition of `Jitsi`; metacontroller/crd.yaml is made from it. */
export function jitsiCrd(): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `jitsis.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: 'Jitsi',
        listKind: 'JitsiList',
        plural: 'jitsis',
        singular: 'jitsi',
        shortNames: ['jts'],
        categories: ['all'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.jvb.strategy.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'A Jitsi Meet installation: web, prosody, jicofo and its video bridges.',
              required: ['spec'],
              'x-kubernetes-validations': nameRules,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: { ...structural(JitsiSpec), 'x-kubernetes-validations': specRules },
                status: structural(JitsiStatus),
              },
            },
          },
        },
      ],
    },
  }
}
