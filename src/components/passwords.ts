import { managedBy } from '../kube/labels.ts'
import { labelValue } from '../kube/names.ts'
import type { ConfigMap, KubeObject, Secret } from '../kube/types.ts'
import { referred } from './content.ts'
import type { Context } from './context.ts'
import { isRecording } from './jibri/settings.ts'
import { transcribesByJigasi } from './jigasi-settings.ts'

/** The key of the secret that prosody shares with our own TURN server. */
export const turnKey = 'TURN_CREDENTIALS'

/**
 * Passwords that the components share, by the names that the images and the first operator use.
 * JICOFO_COMPONENT_SECRET is read by nothing any more, and kept for whoever looks it up.
 */
export const passwordKeys = [
  'JIBRI_RECORDER_PASSWORD',
  'JIBRI_XMPP_PASSWORD',
  'JICOFO_AUTH_PASSWORD',
  'JICOFO_COMPONENT_SECRET',
  'JIGASI_TRANSCRIBER_PASSWORD',
  'JIGASI_XMPP_PASSWORD',
  'JVB_AUTH_PASSWORD',
  turnKey,
] as const

/**
 * The Secret in which people find and change the passwords: theirs, or ours, named as the Jitsi.
 */
export function passwordSecretName({ instance, spec }: Context): string {
  return spec.existingSecret?.name ?? instance
}

/** That Secret as it is observed; undefined while it is not there, or is nobody's that we know. */
export function observedPasswords(context: Context): Secret | ConfigMap | undefined {
  const { observed, instance, spec } = context
  return spec.existingSecret
    ? referred(context, { kind: 'Secret', name: spec.existingSecret.name })
    : observed.secrets.get(instance)
}

/** The passwords of components that log in to prosody, which makes their accounts. */
export const accountKeys = {
  jicofo: ['JICOFO_AUTH_PASSWORD'],
  jvb: ['JVB_AUTH_PASSWORD'],
  jibri: ['JIBRI_RECORDER_PASSWORD', 'JIBRI_XMPP_PASSWORD'],
  jigasi: ['JIGASI_XMPP_PASSWORD'],
  transcriber: ['JIGASI_XMPP_PASSWORD', 'JIGASI_TRANSCRIBER_PASSWORD'],
} as const

const accounts: ReadonlySet<string> = new Set(Object.values(accountKeys).flat())

/** Is it taken from the Secret of the passwords alone, whatever the variables say? */
export const isAccountPassword = (name: string) => accounts.has(name)

/** Passwords of every account that the spec asks for. */
export function neededAccounts(context: Context): string[] {
  const { jigasi } = context.spec
  const keys = [
    ...accountKeys.jicofo,
    ...accountKeys.jvb,
    ...(isRecording(context) ? accountKeys.jibri : []),
    ...(jigasi.enabled ? accountKeys.jigasi : []),
    ...(transcribesByJigasi(context.spec) ? accountKeys.transcriber : []),
  ]
  return [...new Set(keys)]
}

/** Passwords without which what the spec asks for does not start. */
export function neededKeys(context: Context): string[] {
  return [...neededAccounts(context), ...(context.spec.coturn.enabled ? [turnKey] : [])]
}

/** Needed passwords that the observed Secret has not; an empty one is none. */
export function missingKeys(context: Context): string[] {
  const data = observedPasswords(context)?.data ?? {}
  return neededKeys(context).filter(key => !data[key])
}

/** An Opaque Secret of ours. */
export function secretObject(
  { instance, namespace }: Context,
  name: string,
  fields: Pick<Secret, 'data' | 'immutable'>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/name': 'jitsi',
        'app.kubernetes.io/instance': labelValue(instance),
        ...managedBy,
      },
    },
    type: 'Opaque',
    ...fields,
  }
}
