import { Type } from '@sinclair/typebox'
import { podOverrides } from './pod-overrides.ts'
import { ConfigMapFile, KubeList, Network, Section, StringEnum, StringMap } from './schema.ts'

/** `spec.ingress`: the way in through an ingress controller. */
export const IngressSpec = Section(
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

/** `spec.gateway`: the way in through the Gateway API. */
export const GatewaySpec = Section(
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

/** `spec.web`: what browsers load. */
export const WebSpec = Section(
  {
    ...podOverrides,
    replicas: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 1,
      description: 'Number of web Pods.',
    }),
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
