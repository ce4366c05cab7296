import type { JitsiSpec } from '../api/jitsi.ts'

/** A Secret of the user's that a component reads at start. */
export interface SecretUse {
  component: string
  name: string
  /** Those of its keys without which a Pod does not start. */
  keys: readonly string[]
}

interface SecretKey {
  name: string
  key: string
}

/**
 * Secrets that components read once, at start: new content means new Pods, and where one is missing
 * the component that runs is left alone. Accounts are not among them: they are read all the time.
 */
export function secretUses({ auth, jibri, jigasi, turn, visitors }: JitsiSpec): SecretUse[] {
  const used = (component: string, reference: SecretKey | undefined): SecretUse[] =>
    reference ? [{ component, name: reference.name, keys: [reference.key] }] : []
  const bucket = jibri.enabled ? jibri.bucket : undefined
  return [
    ...(bucket
      ? [{ component: 'jibri', name: bucket.secret.name, keys: ['ACCESS_KEY', 'SECRET_KEY'] }]
      : []),
    ...(jigasi.enabled ? used('jigasi', jigasi.sip?.password) : []),
    ...used('prosody', turn?.secret),
    ...(visitors.enabled ? used('visitors', turn?.secret) : []),
    ...(auth.type === 'jwt' ? used('prosody', auth.jwt?.secret) : []),
    ...(auth.type === 'ldap' ? used('prosody', auth.ldap?.bindPassword) : []),
    ...(auth.type === 'matrix' ? used('prosody', auth.matrix?.token) : []),
  ]
}
