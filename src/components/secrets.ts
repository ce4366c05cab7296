import { labelValue } from '../kube/names.ts'
import { relatedOf } from '../kube/observed.ts'
import type { KubeObject, Secret } from '../kube/types.ts'
import type { Context } from './context.ts'

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

/**
 * The Secret of generated passwords. What is there is repeated to the letter, and only keys that
 * are missing are drawn: prosody never changes the password of an account that exists.
 */
export function secrets(context: Context, password: () => string): KubeObject[] {
  const { instance, namespace, observed } = context
  const kept = observed.secrets.get(instance)?.data ?? {}
  const missing = context.spec.existingSecret ? [] : passwordKeys.filter(key => !kept[key])
  if (context.spec.existingSecret && Object.keys(kept).length === 0) return []
  const drawn = missing.map(key => [key, Buffer.from(password()).toString('base64')])
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: instance,
        namespace,
        labels: {
          'app.kubernetes.io/name': 'jitsi',
          'app.kubernetes.io/instance': labelValue(instance),
          'app.kubernetes.io/managed-by': 'jitsi-operator',
        },
      },
      type: 'Opaque',
      data: { ...kept, ...Object.fromEntries(drawn) },
    },
  ]
}
