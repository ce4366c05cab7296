import { hold } from '../kube/hold.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Problem } from '../settings/settings.ts'
import { referred } from './content.ts'
import type { Context } from './context.ts'
import { copyInEffect } from './password-copies.ts'
import {
  missingKeys,
  neededKeys,
  observedPasswords,
  passwordKeys,
  passwordSecretName,
  secretObject,
} from './passwords.ts'

/**
 * The Secret of generated passwords. What is there is repeated to the letter, whoever wrote it, and
 * only keys that are missing are drawn. One that somebody deleted comes back with the passwords
 * that are in use. An answer to an older view overwrites nothing: Metacontroller writes with the
 * version that it saw, and the API server refuses an old one.
 */
export function generatedSecret(context: Context, password: () => string): KubeObject[] {
  const { instance, observed, spec } = context
  const there = observed.secrets.get(instance)
  // Where the user names another one since, ours stays: who takes that back finds it again.
  if (spec.existingSecret || there?.immutable) return there ? [hold(there)] : []
  if (isForeign(context)) return []
  const { data = {} } = there ?? observed.secrets.get(copyInEffect(context) ?? '') ?? {}
  const drawn = passwordKeys
    .filter(key => !data[key])
    .map(key => [key, Buffer.from(password()).toString('base64')])
  return [secretObject(context, instance, { data: { ...data, ...Object.fromEntries(drawn) } })]
}

/** Is there a Secret of our name that belongs to somebody else? It could not be made. */
function isForeign(context: Context): boolean {
  const { observed, instance, jitsi } = context
  const there = referred(context, { kind: 'Secret', name: instance })
  return (
    !observed.secrets.has(instance) &&
    there !== undefined &&
    !there.metadata.ownerReferences?.some(({ uid }) => uid === jitsi.metadata.uid)
  )
}

/** What is wrong with the Secret of the passwords, and what to do. */
export function passwordProblems(context: Context): Problem[] {
  const { spec, instance } = context
  const name = passwordSecretName(context)
  const problem = (reason: string, message: string): Problem[] => [
    { path: 'spec.existingSecret', reason, message },
  ]
  if (!spec.existingSecret && isForeign(context)) {
    return problem(
      'SecretTaken',
      `a Secret ${instance} is there already and does not belong to this Jitsi: name it in spec.existingSecret to use its passwords, or delete it to have new ones made`,
    )
  }
  const there = observedPasswords(context)
  if (!there) {
    if (!spec.existingSecret) return []
    return problem(
      'SecretMissing',
      `Secret ${name} (spec.existingSecret) is not in this namespace: create it with the keys ${neededKeys(context).join(', ')}, or take the field out to have passwords made`,
    )
  }
  const missing = missingKeys(context)
  if (missing.length === 0 || !(spec.existingSecret || there.immutable)) return []
  return problem(
    'SecretIncomplete',
    `Secret ${name} has no ${missing.join(', ')}: add what is missing${there.immutable ? ' (it is immutable, so make it anew)' : ''}; until then what runs goes on with the passwords that it has`,
  )
}
