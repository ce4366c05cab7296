import type { EnvVar } from 'kubernetes-types/core/v1.js'
import type { PodOverrides } from '../api/pod-overrides.ts'
import { childName } from '../kube/names.ts'
import { type Component, knows } from '../settings/settings.ts'
import { authSettings } from './auth-settings.ts'
import type { Context } from './context.ts'
import { isRecording, recordingSettings } from './jibri/settings.ts'
import { meetingSettings } from './meeting-settings.ts'
import { passwordSecretName } from './secrets.ts'
import type { Setting, TypedSetting } from './typed-settings.ts'

export type Settings = Record<string, Setting>

/** The XMPP domain of meetings and of people's accounts. */
export const xmppDomain = 'meet.jitsi'

/** The host name of prosody's Service, for components that resolve names like everybody else. */
export const prosodyHost = ({ instance }: Context) => childName(instance, 'prosody')

/**
 * Settings that several components must agree on. The XMPP domains are internal names that no
 * client sees, so they are the images' own.
 */
function sharedSettings({ spec }: Context): Record<string, string> {
  return {
    TZ: spec.timezone,
    PUBLIC_URL: `https://${spec.domain}`,
    XMPP_DOMAIN: xmppDomain,
    XMPP_AUTH_DOMAIN: 'auth.meet.jitsi',
    XMPP_GUEST_DOMAIN: 'guest.meet.jitsi',
    XMPP_MUC_DOMAIN: 'muc.meet.jitsi',
    XMPP_INTERNAL_MUC_DOMAIN: 'internal-muc.meet.jitsi',
    XMPP_HIDDEN_DOMAIN: 'hidden.meet.jitsi',
    JVB_AUTH_USER: 'jvb',
    JVB_BREWERY_MUC: 'jvbbrewery',
    JIBRI_BREWERY_MUC: 'jibribrewery',
    JIBRI_XMPP_USER: 'jibri',
    JIBRI_RECORDER_USER: 'recorder',
    // jicofo and the bridges must agree on relays, or bridges crash.
    ENABLE_OCTO: '1',
    ENABLE_RECORDING: '0',
    ENABLE_XMPP_WEBSOCKET: '1',
  }
}

/** Passwords that a component needs, by the name of the setting and of the key in the Secret. */
function passwordsOf(context: Context, component: Component): string[] {
  const jibri = ['JIBRI_RECORDER_PASSWORD', 'JIBRI_XMPP_PASSWORD']
  const readers: Partial<Record<Component, string[]>> = {
    prosody: [...(isRecording(context) ? jibri : []), 'JICOFO_AUTH_PASSWORD', 'JVB_AUTH_PASSWORD'],
    jicofo: ['JICOFO_AUTH_PASSWORD'],
    jvb: ['JVB_AUTH_PASSWORD'],
    jibri,
  }
  return readers[component] ?? []
}

/** Settings that fields of the spec decide, as far as they are filled in. */
function typedSettings(context: Context): TypedSetting[] {
  return [...authSettings(context), ...meetingSettings(context), ...recordingSettings(context)]
}

/** Settings that no variable can decide, and what decides them instead. */
export function computedSettings(context: Context): ReadonlyMap<string, string> {
  const typed = typedSettings(context).flatMap(({ name, field }) =>
    field === undefined ? [] : [[name, field] as const],
  )
  return new Map([...alwaysComputed, ...typed])
}

const alwaysComputed: ReadonlyMap<string, string> = new Map(
  Object.entries({
    TZ: 'spec.timezone',
    PUBLIC_URL: 'spec.domain',
    XMPP_SERVER: 'the name of the Jitsi',
    XMPP_BOSH_URL_BASE: 'the name of the Jitsi',
    ENABLE_OCTO: 'the operator: relays are always on',
    JVB_PORT: 'spec.jvb.ports',
    JVB_ADVERTISE_IPS: 'spec.jvb.exposure',
    JVB_DISABLE_STUN: 'spec.jvb.exposure.stunServers',
    JVB_STUN_SERVERS: 'spec.jvb.exposure.stunServers',
    JVB_MUC_NICKNAME: 'the name of the Pod',
    JVB_INSTANCE_ID: 'the name of the Pod',
    JVB_OCTO_RELAY_ID: 'the name of the Pod',
    JVB_OCTO_REGION: 'spec.region',
    JICOFO_OCTO_REGION: 'spec.region',
    DEPLOYMENTINFO_REGION: 'spec.region',
    DISABLE_HTTPS: 'spec.ingress.tls',
    JICOFO_ENABLE_REST: 'the operator: it reads jicofo’s figures',
  }),
)

/** Names that no image list has: s6-overlay and the Java virtual machine read them. */
export const runtimeSettings = {
  // s6 gives up on a /run that belongs to another user, and an emptyDir belongs to root.
  S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES: '1',
} as const

/**
 * The environment of a component: shared settings that it reads, its own, the user's `variables`
 * where no field decides, passwords by reference, and last the variables given for this component.
 * Sorted, since the order of an environment is otherwise the order of whoever wrote it.
 */
export function environment(context: Context, component: Component, own: Settings): EnvVar[] {
  const reads = ([name]: [string, unknown]) => knows(component, name)
  const typed = Object.fromEntries(
    typedSettings(context).map(({ name, value }) => [name, value] as [string, Setting]),
  )
  const free = ([name]: [string, unknown]) => !alwaysComputed.has(name) && !(name in typed)
  const passwords = passwordsOf(context, component).map(key => [
    key,
    { secretKeyRef: { name: passwordSecretName(context), key } },
  ])
  const overrides: PodOverrides = context.spec[component as 'web']
  const settings: Settings = {
    ...Object.fromEntries(Object.entries(sharedSettings(context)).filter(reads)),
    ...Object.fromEntries(Object.entries(typed).filter(reads)),
    ...own,
    ...Object.fromEntries(Object.entries(context.spec.variables).filter(reads).filter(free)),
    ...Object.fromEntries(passwords),
    ...runtimeSettings,
  }
  const replaced = new Set((overrides.env ?? []).map(({ name }) => name))
  return [
    ...Object.entries(settings)
      .filter(([name]) => !replaced.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        typeof value === 'string' ? { name, value } : { name, valueFrom: value },
      ),
    ...(overrides.env ?? []),
  ] as EnvVar[]
}
