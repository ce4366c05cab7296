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
  KubeList,
  Network,
  ObjectReference,
  SecretKeyReference,
  Section,
  StringEnum,
  StringMap,
} from './schema.ts'
import { VisitorsSpec } from './visitors-spec.ts'

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

const Ingress = Section(
  {
    enabled: Type.Boolean({
      default: false,
      description: 'Make an Ingress for the domain.',
    }),
    className: Type.Optional(
      Type.String({ description: 'IngressClass; the cluster’s default otherwise.' }),
    ),
    tls: Type.Boolean({
      default: true,
      description: 'Serve HTTPS. Browsers give no camera to pages without it.',
    }),
    tlsSecretName: Type.Optional(
      Type.String({
        description: 'Secret with tls.crt and tls.key; `<domain>-tls` otherwise.',
      }),
    ),
    annotations: Type.Optional(
      StringMap({ description: 'Annotations of the Ingress, for example for cert-manager.' }),
    ),
  },
  { description: 'How browsers reach the web interface.' },
)

const Gateway = Section(
  {
    enabled: Type.Boolean({
      default: false,
      description: 'Make an HTTPRoute for the domain, where the cluster has the Gateway API.',
    }),
    parentRefs: KubeList<Record<string, unknown>>({
      default: [],
      description: 'Gateways to attach to, as in an HTTPRoute: name, namespace, sectionName.',
    }),
    annotations: Type.Optional(StringMap({ description: 'Annotations of the HTTPRoute.' })),
  },
  { description: 'How browsers reach the web interface through a Gateway that exists.' },
)

const WebFile = Type.Object(
  {
    configMap: Type.String({ minLength: 1, description: 'ConfigMap that has the file.' }),
    key: Type.String({ minLength: 1, description: 'Key in its `data` or `binaryData`.' }),
    path: Type.String({
      pattern:
        '^((images|css|lang|sounds|fonts|static)/[A-Za-z0-9][A-Za-z0-9._/-]*|(plugin[.]head|fonts)[.]html|favicon[.]ico)$',
      description:
        'File of the web interface to put it in place of, such as images/watermark.svg. plugin.head.html adds to the head of every page, for example a style sheet.',
    }),
  },
  { description: 'One file.' },
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
        'How long a change that restarts prosody or jicofo may wait for an empty installation or a window.',
    }),
  },
  {
    description:
      'When prosody and jicofo may be restarted although meetings run. Without a meeting they are restarted at any time.',
  },
)

const Web = Section(
  {
    ...podOverrides,
    replicas: Type.Integer({ minimum: 0, default: 1, description: 'Number of web Pods.' }),
    signalling: StringEnum(['throughWeb', 'direct'], {
      default: 'throughWeb',
      description:
        'Which way browsers talk to prosody. throughWeb: through web, as the images have it. direct: Ingress or HTTPRoute lead /xmpp-websocket and /http-bind straight to prosody, so that rolling web cuts no WebSocket; not with visitors.',
    }),
    customConfigCM: ConfigMapFile('custom-config.js', 'is appended to config.js'),
    customInterfaceConfigCM: ConfigMapFile(
      'custom-interface_config.js',
      'is appended to interface_config.js',
    ),
    customTitleConfigCM: ConfigMapFile('custom-title.html', 'replaces title.html'),
    customBodyConfigCM: ConfigMapFile('custom-body.html', 'replaces body.html'),
    customCloseConfigCM: ConfigMapFile(
      'custom-close.html',
      'replaces the pages shown after a meeting',
    ),
    customCssCM: ConfigMapFile('custom.css', 'is a style sheet, applied after that of the page'),
    customWelcomeCM: ConfigMapFile(
      'custom-welcome.html',
      'is shown below the form of the welcome page, as the content of a `<template id="welcome-page-additional-content-template">`',
    ),
    trustedProxies: Type.Array(Network('Network such as 10.244.0.0/16.'), {
      default: [],
      maxItems: 16,
      description:
        'Networks of whoever passes requests on: the Pods (or nodes) of the ingress controller, and the Pods of web itself. The client that they name (X-Forwarded-For) is believed, so that logs and rate limits of web and prosody know people apart. Empty: to web everybody comes from the ingress controller, and to prosody from web.',
    }),
    files: Type.Array(WebFile, {
      default: [],
      maxItems: 50,
      description: 'Further files of the web interface: logos, style sheets, translations.',
    }),
    dynamicBrandingUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s\'"]+$',
        description: 'Where browsers ask for colours and logos at the start of a meeting.',
      }),
    ),
  },
  { description: 'The web interface.' },
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
    ingress: Ingress,
    gateway: Gateway,
    turn: Type.Optional(Turn),
    web: Web,
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
