import type { Context } from './context.ts'

/*
 * Settings of containers that we decide ourselves, and by what: what a variable of that name says
 * is reported and not used. Others that we set are defaults, which a variable may change.
 */

const ports = 'the operator: Services and NetworkPolicies have that port'

const always: Readonly<Record<string, string>> = {
  TZ: 'spec.timezone',
  PUBLIC_URL: 'spec.domain',
  XMPP_SERVER: 'the name of the Jitsi',
  XMPP_BOSH_URL_BASE: 'the name of the Jitsi',
  XMPP_ENV_NAME: 'the name of the Jitsi',
  XMPP_PORT: ports,
  PROSODY_HTTP_PORT: ports,
  PROSODY_S2S_PORT: ports,
  PROSODY_MODE: 'spec.visitors',
  PROSODY_VISITOR_INDEX: 'spec.visitors',
  ENABLE_OCTO: 'the operator: relays are always on',
  ENABLE_JVB_XMPP_SERVER: 'the operator: bridges log in to the prosody of meetings',
  JVB_PORT: 'spec.jvb.ports',
  JVB_ADVERTISE_IPS: 'spec.jvb.exposure',
  JVB_DISABLE_STUN: 'spec.jvb.exposure.stunServers',
  JVB_STUN_SERVERS: 'spec.jvb.exposure.stunServers',
  JVB_MUC_NICKNAME: 'the name of the Pod',
  JVB_INSTANCE_ID: 'the name of the Pod',
  JVB_OCTO_RELAY_ID: 'the name of the Pod',
  JVB_OCTO_REGION: 'spec.region and spec.jvb.regionFrom',
  JICOFO_OCTO_REGION: 'spec.region',
  DEPLOYMENTINFO_REGION: 'spec.region',
  DISABLE_HTTPS: 'spec.ingress.tls',
  ENABLE_HTTP_REDIRECT: 'spec.ingress.tls: web sees no HTTPS, and would redirect for ever',
  ENABLE_LETSENCRYPT: 'spec.ingress.tlsSecretName',
  JICOFO_ENABLE_REST: 'the operator: it reads jicofo’s figures',
  JIBRI_INSTANCE_ID: 'the name of the Pod',
  JIBRI_RECORDING_DIR: 'spec.jibri.persistence',
  JIBRI_SINGLE_USE_MODE: 'spec.jibri.singleUseMode',
  JIGASI_INSTANCE_ID: 'the name of the Pod',
  JIGASI_ENABLE_REST: 'the operator: it waits for calls to end',
  JIGASI_MODE: 'spec.jigasi and spec.transcriber',
  JIGASI_PORT_MIN: 'spec.jigasi.ports',
  JIGASI_PORT_MAX: 'spec.jigasi.ports',
  JIGASI_SIP_DEFAULT_ROOM: 'spec.jigasi.sip.defaultRoom',
  JIGASI_SIP_PASSWORD: 'spec.jigasi.sip.password',
  JIGASI_SIP_PORT: 'spec.jigasi.sip.port',
  JIGASI_SIP_SERVER: 'spec.jigasi.sip.server',
  JIGASI_SIP_TRANSPORT: 'spec.jigasi.sip.transport',
  JIGASI_TRANSCRIBER_CUSTOM_SERVICE: 'spec.transcriber.service',
  JIGASI_TRANSCRIBER_VOSK_URL: 'spec.transcriber.url',
  JIGASI_TRANSCRIBER_WHISPER_URL: 'spec.transcriber.url',
}

/** The settings that we decide for this Jitsi, with the field or fact that decides each. */
export function ownSettings({ spec }: Context): ReadonlyMap<string, string> {
  const { etherpad, whiteboard, web, metrics, jibri } = spec
  return new Map([
    ...Object.entries(always),
    ...when(etherpad.enabled, 'ETHERPAD_URL_BASE', 'spec.etherpad'),
    ...when(whiteboard.enabled, 'WHITEBOARD_COLLAB_SERVER_URL_BASE', 'spec.whiteboard'),
    ...when(web.customCloseConfigCM, 'ENABLE_CLOSE_PAGE', 'spec.web.customCloseConfigCM'),
    ...when(metrics, 'PROSODY_ENABLE_METRICS', 'spec.metrics'),
    ...when(metrics, 'JIBRI_ENABLE_PROMETHEUS', 'spec.metrics'),
    ...when(jibri.resolution, 'JIBRI_RECORDING_RESOLUTION', 'spec.jibri.resolution'),
    ...when(jibri.frameRate, 'JIBRI_RECORDING_FRAMERATE', 'spec.jibri.frameRate'),
    ...when(jibri.bucket, 'JIBRI_FINALIZE_RECORDING_SCRIPT_PATH', 'spec.jibri.bucket'),
  ])
}

const when = (condition: unknown, name: string, field: string): [string, string][] =>
  condition ? [[name, field]] : []
