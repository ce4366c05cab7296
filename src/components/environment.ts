import type { EnvVar } from 'kubernetes-types/core/v1.js'
import type { PodOverrides } from '../api/pod-overrides.ts'
import { childName } from '../kube/names.ts'
import { type Component, knows } from '../settings/settings.ts'
import { authSettings } from './auth-settings.ts'
import { proxySettings } from './client-addresses.ts'
import type { Context } from './context.ts'
import { recordingSettings } from './jibri/settings.ts'
import { jigasiSettings, transcribesByJigasi } from './jigasi-settings.ts'
import { meetingSettings } from './meeting-settings.ts'
import { ownSettings } from './own-settings.ts'
import { accountKeys, isAccountPassword, neededAccounts } from './passwords.ts'
import { canonicalVariable } from './pod-patch.ts'
import { moduleSettings } from './prosody-modules.ts'
import { isSecretVariable, variablesSecret } from './secret-variables.ts'
import { turnSettings } from './turn.ts'
import type { Setting, TypedSetting } from './typed-settings.ts'
import { forMeetingsOnly, visitorSettings } from './visitor-settings.ts'

export type Settings = Record<string, Setting>

/** Does the part read the setting? */
const isRead = (part: Component, name: string) =>
  knows(part, name) && !(part === 'visitors' && forMeetingsOnly(name))

/** The XMPP domain of meetings and of people's accounts, where older manifests name no other. */
export const xmppDomain = ({ spec }: Context): string => spec.variables.XMPP_DOMAIN || 'meet.jitsi'

/** The host name of prosody's Service, for components that resolve names like everybody else. */
export const prosodyHost = ({ instance }: Context) => childName(instance, 'prosody')

/**
 * Settings that several components must agree on. The XMPP domains are internal names that no
 * client sees, so they are the images' own.
 */
function sharedSettings(context: Context): Record<string, string> {
  const { spec } = context
  return {
    TZ: spec.timezone,
    PUBLIC_URL: `https://${spec.domain}`,
    XMPP_DOMAIN: xmppDomain(context),
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
    ...gatewayNames(spec),
    // jicofo and the bridges must agree on relays, or bridges crash.
    ENABLE_OCTO: '1',
    ENABLE_RECORDING: '0',
    ENABLE_XMPP_WEBSOCKET: '1',
  }
}

/** Names that jigasi has in XMPP; said only where it runs, for prosody restarts when they come. */
const gatewayNames = (spec: Context['spec']): Record<string, string> =>
  spec.jigasi.enabled || transcribesByJigasi(spec)
    ? {
        JIGASI_BREWERY_MUC: 'jigasibrewery',
        JIGASI_XMPP_USER: 'jigasi',
        JIGASI_TRANSCRIBER_USER: 'transcriber',
      }
    : {}

/** Passwords that a component needs, by the name of the setting and of the key in the Secret. */
function passwordsOf(context: Context, component: Component): Settings {
  const read: Partial<Record<Component, readonly string[]>> = {
    ...accountKeys,
    prosody: neededAccounts(context),
    // The image starts only with both.
    visitors: [...accountKeys.jicofo, ...accountKeys.jvb],
  }
  const name = context.passwords
  return Object.fromEntries(
    (read[component] ?? []).map(key => [key, { secretKeyRef: { name, key } }]),
  )
}

/** Settings that fields of the spec decide, as far as they are filled in. */
function typedSettings(context: Context): TypedSetting[] {
  return [
    ...authSettings(context),
    ...meetingSettings(context),
    ...moduleSettings(context),
    ...recordingSettings(context),
    ...turnSettings(context),
    ...jigasiSettings(context),
    ...visitorSettings(context),
    ...proxySettings(context),
  ]
}

/** Settings that no variable can decide, and what decides them instead. */
export function computedSettings(context: Context): ReadonlyMap<string, string> {
  const typed = typedSettings(context).flatMap(({ name, field }) =>
    field === undefined ? [] : [[name, field] as const],
  )
  return new Map([...ownSettings(context), ...typed])
}

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
  const reads = ([name]: [string, unknown]) => isRead(component, name)
  const typed = Object.fromEntries(
    typedSettings(context).map(({ name, value }) => [name, value] as [string, Setting]),
  )
  const computed = ownSettings(context)
  const free = ([name]: [string, unknown]) => !computed.has(name) && !(name in typed)
  const overrides: PodOverrides = context.spec[component as 'web']
  const settings: Settings = {
    ...Object.fromEntries(Object.entries(sharedSettings(context)).filter(reads)),
    ...Object.fromEntries(Object.entries(typed).filter(reads)),
    ...own,
    ...Object.fromEntries(variablesOf(context).filter(reads).filter(free)),
    ...passwordsOf(context, component),
    ...runtimeSettings,
  }
  return plainEnvironment(overrides, settings)
}

/**
 * The user's variables; secrets among them by reference. Passwords of accounts are left out, also
 * of those that nothing needs: no reference would take their place, and the value would stand
 * there.
 */
function variablesOf(context: Context): [string, Setting][] {
  const secret = variablesSecret(context)
  const used = Object.entries(context.spec.variables).filter(([key]) => !isAccountPassword(key))
  return used.map(([key, value]): [string, Setting] =>
    isSecretVariable(key) && value !== ''
      ? [key, { secretKeyRef: { name: secret, key } }]
      : [key, value],
  )
}

/** Settings as an environment, sorted; a variable that the user gives replaces one of ours. */
export function plainEnvironment({ env = [] }: PodOverrides, settings: Settings): EnvVar[] {
  const replaced = new Set(env.map(({ name }) => name))
  return [
    ...Object.entries(settings)
      .filter(([name, value]) => value !== undefined && !replaced.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        typeof value === 'string' ? { name, value } : { name, valueFrom: value },
      ),
    ...env,
  ].map(variable => canonicalVariable(variable as EnvVar))
}
