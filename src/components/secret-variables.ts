import type { PodSpec } from 'kubernetes-types/core/v1.js'
import { annotation } from '../kube/annotations.ts'
import { digest } from '../kube/hash.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { isKnown, isSecret, knownRelease } from '../settings/settings.ts'
import type { Context } from './context.ts'
import { isAccountPassword, secretObject } from './passwords.ts'

/*
 * Older manifests have secrets among `spec.variables`. We say so and keep them working, but hand
 * them on through a Secret: whoever may read Deployments and Pods need not see them.
 */

/** The name of the Secret that they are handed on through. */
export const variablesSecret = ({ instance }: Context) => childName(instance, 'variables')

/** Where each kind of secret belongs. */
const fields: Readonly<Record<string, string>> = {
  JIGASI_SIP_PASSWORD: 'spec.jigasi.sip.password',
  JWT_APP_SECRET: 'spec.auth.jwt.secret',
  LDAP_BINDPW: 'spec.auth.ldap.bindPassword',
  MATRIX_UVS_AUTH_TOKEN: 'spec.auth.matrix.token',
  TURN_CREDENTIALS: 'spec.turn.secret',
}

/** What to do about a secret that stands in the spec. */
export function secretAdvice(name: string): string {
  if (isAccountPassword(name)) {
    return 'this one is not used, name a Secret that has it in spec.existingSecret'
  }
  if (!isKnown(name)) {
    return `no image of ${knownRelease} reads this one, take it out`
  }
  const home = fields[name] ?? 'the env of its component (valueFrom.secretKeyRef)'
  return `put it into a Secret and refer to that in ${home}; until then it is handed on through a Secret of ours`
}

/** Is it a variable that is handed on through the Secret? */
export const isSecretVariable = (name: string) =>
  isSecret(name) && isKnown(name) && !isAccountPassword(name)

function valuesOf({ spec }: Context): Record<string, string> {
  const secrets = Object.entries(spec.variables).filter(
    ([name, value]) => isSecretVariable(name) && value !== '',
  )
  return Object.fromEntries(
    secrets.map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  )
}

/** That Secret; what a Pod that is there was started with stays in it as long as the Pod does. */
export function secretVariables(context: Context): KubeObject[] {
  const name = variablesSecret(context)
  const there = context.observed.secrets.get(name)?.data
  const data = { ...(there ? stillRead(context, there) : {}), ...valuesOf(context) }
  return Object.keys(data).length > 0 ? [secretObject(context, name, { data })] : []
}

/** Those of its values that a Pod was started with. */
function stillRead(context: Context, there: Record<string, string>): Record<string, string> {
  const { pods, deployments } = context.observed
  const specs = [
    ...pods.map(({ spec }) => spec),
    ...[...deployments.values()].map(({ spec }) => spec?.template.spec),
  ]
  const used = new Set(specs.flatMap(spec => keysIn(spec, variablesSecret(context))))
  return Object.fromEntries(Object.entries(there).filter(([key]) => used.has(key)))
}

/** An annotation that changes with those of the values that a Pod reads. */
export function secretVariablesHash(
  context: Context,
  spec: Pick<PodSpec, 'containers'>,
): Record<string, string> {
  const keys = keysIn(spec, variablesSecret(context))
  if (keys.length === 0) return {}
  const values = valuesOf(context)
  return { [annotation.variables]: digest(keys.map(key => [key, values[key]])) }
}

function keysIn(spec: Pick<PodSpec, 'containers'> | undefined, secret: string): string[] {
  return (spec?.containers ?? [])
    .flatMap(({ env }) => env ?? [])
    .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])
    .filter(({ name }) => name === secret)
    .map(({ key }) => key)
    .sort()
}
