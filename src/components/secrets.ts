import { childName, labelValue } from '../kube/names.ts'
import { relatedOf } from '../kube/observed.ts'
import type { KubeObject, Secret } from '../kube/types.ts'
import type { Context } from './context.ts'
import { coturnSecretName, turnKey } from './turn.ts'

/**
 * Passwords that the components share. The names are those of the first operator and of the
 * images; JICOFO_COMPONENT_SECRET is read by nothing any more and kept for whoever looks it up.
 */
export const passwordKeys = [
  'JIBRI_RECORDER_PASSWORD',
  'JIBRI_XMPP_PASSWORD',
  'JICOFO_AUTH_PASSWORD',
  'JICOFO_COMPONENT_SECRET',
  'JVB_AUTH_PASSWORD',
] as const

/** The Secret that holds the passwords: one of the user's, or ours, named like the Jitsi. */
export function passwordSecretName({ instance, spec }: Context): string {
  return spec.existingSecret?.name ?? instance
}

/** The observed Secret with the passwords, wherever it comes from. */
export function observedPasswords(context: Context): Secret | undefined {
  const { observed, instance, spec } = context
  if (!spec.existingSecret) return observed.secrets.get(instance)
  const { name } = spec.existingSecret
  return relatedOf<Secret>(observed, 'Secret').find(secret => secret.metadata.name === name)
}

/** The Secret with the passwords of jigasi, in both its roles. */
export const gatewaySecretName = ({ instance }: Context) => childName(instance, 'jigasi')

/**
 * Secrets of what may be switched on later. They are Secrets of their own, since one that exists
 * is never written again: not even a missing key would be added.
 */
function laterSecrets(context: Context, password: () => string): KubeObject[] {
  const { coturn, jigasi, transcriber } = context.spec
  const wanted = [
    ...(coturn.enabled ? [{ name: coturnSecretName(context), keys: [turnKey] }] : []),
    ...(jigasi.enabled || transcriber.enabled
      ? [
          {
            name: gatewaySecretName(context),
            keys: ['JIGASI_TRANSCRIBER_PASSWORD', 'JIGASI_XMPP_PASSWORD'],
          },
        ]
      : []),
  ]
  return wanted.map(({ name, keys }) => {
    const kept = context.observed.secrets.get(name)?.data ?? {}
    return secret(context, name, {
      ...kept,
      ...draw(
        keys.filter(key => !kept[key]),
        password,
      ),
    })
  })
}

const draw = (keys: readonly string[], password: () => string): Record<string, string> =>
  Object.fromEntries(keys.map(key => [key, Buffer.from(password()).toString('base64')]))

function secret(
  { instance, namespace }: Context,
  name: string,
  data: Record<string, string>,
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
        'app.kubernetes.io/managed-by': 'jitsi-operator',
      },
    },
    type: 'Opaque',
    data,
  }
}

/**
 * The Secrets of generated passwords. What is there is repeated to the letter, and only keys that
 * are missing are drawn: prosody never changes the password of an account that exists.
 */
export function secrets(context: Context, password: () => string): KubeObject[] {
  const { instance, observed } = context
  const kept = observed.secrets.get(instance)?.data ?? {}
  const missing = context.spec.existingSecret ? [] : passwordKeys.filter(key => !kept[key])
  const later = laterSecrets(context, password)
  if (context.spec.existingSecret && Object.keys(kept).length === 0) return later
  return [secret(context, instance, { ...kept, ...draw(missing, password) }), ...later]
}
