import { type Static, Type } from '@sinclair/typebox'
import type { Metadata } from '../kube/types.ts'
import { AuthSpec } from './auth-spec.ts'
import { EtherpadSpec, JigasiSpec, TranscriberSpec, WhiteboardSpec } from './companions-spec.ts'
import { CoturnSpec } from './coturn-spec.ts'
import { JibriSpec } from './jibri-spec.ts'
import { JvbSpec } from './jvb-spec.ts'
import { MeetingsSpec } from './meetings-spec.ts'
import { NetworkPolicySpec } from './network-policy-spec.ts'
import { podOverrides } from './pod-overrides.ts'
import { ProsodySpec } from './prosody-spec.ts'
import {
  ConfigMapFile,
  Duration,
  ObjectReference,
  SecretKeyReference,
  Section,
  StringEnum,
  StringMap,
} from './schema.ts'
import { VisitorsSpec } from './visitors-spec.ts'
import { GatewaySpec, IngressSpec, WebSpec } from './web-spec.ts'

/*
 * `Jitsi`, apps.jit.si/v1alpha1: the one object that people write. This schema is the source of
 * the types, of the CRD (src/api/crd.ts) and of the reference documentation, so every field says
 * what a person can do with it.
 */

const Image = Section(
  {
    registry: Type.String({
      default: 'ghcr.io/jitsi',
      minLength: 1,
      description: 'Registry and path in front of web, prosody, jicofo and jvb.',
    }),
    tag: Type.String({
      default: 'stable-11146-2',
      pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$',
      description: 'Release of all components; stable-11146 and later are supported.',
    }),
    pullPolicy: StringEnum(['Always', 'IfNotPresent', 'Never'], {
      default: 'IfNotPresent',
      description: 'When to pull the images.',
    }),
    pullSecrets: Type.Array(ObjectReference(), {
      default: [],
      description: 'Secrets of type kubernetes.io/dockerconfigjson for a private registry.',
    }),
  },
  { description: 'Where the images come from.' },
)

const Turn = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Host name of the TURN server.' }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: 'Port of the TURN server; 3478, or 5349 with tls.',
      }),
    ),
    tls: Type.Boolean({ default: false, description: 'Offer TURN over TLS (turns:).' }),
    secret: Type.Optional(
      SecretKeyReference({
        description: 'Key with the secret that prosody shares with the TURN server.',
      }),
    ),
  },
  {
    description:
      'A TURN server for clients behind firewalls that let no UDP out, handed to clients by prosody.',
  },
)

const Maintenance = Section(
  {
    start: Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      default: '03:00',
      description: 'Local time (spec.timezone) at which the window opens every day.',
    }),
    duration: Duration({ default: '2h', description: 'How long the window stays open.' }),
    maxDeferral: Duration({
      default: '7d',
      description:
        'How long a change that restarts prosody or jicofo may wait for an empty installation or a window. It begins anew after a suspension or a mistake in the spec.',
    }),
  },
  {
    description:
      'When prosody and jicofo may be restarted although meetings run. Without a meeting they are restarted at any time.',
  },
)

const Jicofo = Section(
  {
    ...podOverrides,
    customConfigCM: ConfigMapFile('custom-jicofo.conf', 'is appended to jicofo.conf'),
  },
  { description: 'Jicofo, which places meetings on bridges.' },
)

/** `spec` of a Jitsi once defaults are filled in. */
export const JitsiSpec = Type.Object(
  {
    domain: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      description: 'Host name under which people meet, such as meet.example.org.',
    }),
    region: Type.String({
      default: 'default',
      pattern: '^[A-Za-z0-9_-]{1,63}$',
      description:
        'Region of the installation, and of all bridges unless `jvb.regionFrom` says otherwise. Bridges of it are preferred for people whose own region is not known.',
    }),
    timezone: Type.String({
      default: 'UTC',
      description: 'IANA time zone, such as Europe/Paris: logs, schedules, maintenance window.',
    }),
    clusterDomain: Type.String({
      default: 'cluster.local',
      pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      description: 'DNS domain of the cluster, in which Services are found.',
    }),
    image: Image,
    existingSecret: Type.Optional(
      ObjectReference({
        description:
          'Secret with the passwords of the components, used instead of the generated one named like the Jitsi.',
      }),
    ),
    variables: StringMap({
      default: {},
      maxProperties: 500,
      description:
        'Settings of docker-jitsi-meet that have no field of their own, handed to the components that read them. Not for secrets.',
    }),
    metrics: Type.Boolean({
      default: false,
      description: 'Make PodMonitors where the cluster knows them, scrape annotations elsewhere.',
    }),
    suspend: Type.Boolean({
      default: false,
      description: 'Leave everything exactly as it is until this is false again.',
    }),
    disableGracefulUpgrade: Type.Boolean({
      default: false,
      description: 'Restart prosody and jicofo at once, cutting the meetings that run.',
    }),
    maintenance: Maintenance,
    networkPolicy: NetworkPolicySpec,
    auth: AuthSpec,
    meetings: MeetingsSpec,
    ingress: IngressSpec,
    gateway: GatewaySpec,
    turn: Type.Optional(Turn),
    web: WebSpec,
    prosody: ProsodySpec,
    jicofo: Jicofo,
    jvb: JvbSpec,
    jibri: JibriSpec,
    coturn: CoturnSpec,
    jigasi: JigasiSpec,
    transcriber: TranscriberSpec,
    visitors: VisitorsSpec,
    etherpad: EtherpadSpec,
    whiteboard: WhiteboardSpec,
  },
  { description: 'What the installation should be.' },
)
export type JitsiSpec = Static<typeof JitsiSpec>

/** A Jitsi as the plan knows it: defaults filled in. */
export interface Jitsi {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec: JitsiSpec
  status: unknown
}
