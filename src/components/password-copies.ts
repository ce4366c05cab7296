import type { PodSpec } from 'kubernetes-types/core/v1.js'
import { digest } from '../kube/hash.ts'
import { hold } from '../kube/hold.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject, Pod } from '../kube/types.ts'
import type { Context } from './context.ts'
import {
  accountKeys,
  missingKeys,
  observedPasswords,
  passwordKeys,
  secretObject,
} from './passwords.ts'

/*
 * Components never read the Secret that people change, but an immutable copy named after its
 * content. Prosody makes their accounts once, at its start: whoever came with a changed password
 * before prosody restarts would be locked out, a bridge that is added as much as one that crashed.
 * So all keep to the copy that prosody was started with, until it restarts with the next one.
 */

const markLength = 10

/** The copy of the Secret as it is now; undefined while it is not there or incomplete. */
export function wantedCopy(context: Context): KubeObject | undefined {
  const { data } = observedPasswords(context) ?? {}
  if (!data || missingKeys(context).length > 0) return undefined
  const copied = Object.fromEntries(
    passwordKeys.flatMap(key => (data[key] ? [[key, data[key]]] : [])),
  )
  // Of the UID too: equal passwords of two Jitsis can't be told by the names of the copies.
  const mark = digest([context.jitsi.metadata.uid, copied]).slice(0, markLength)
  return secretObject(context, copyName(context, mark), { data: copied, immutable: true })
}

const copyName = ({ instance }: Context, mark: string) => childName(instance, `passwords-${mark}`)

/** Is that the name of a copy, of whatever content? */
export function isCopy(context: Context, name: string): boolean {
  const stem = copyName(context, '0'.repeat(markLength)).slice(0, -markLength)
  return name.startsWith(stem) && /^[0-9a-f]+$/.test(name.slice(stem.length))
}

/** The name of the copy that prosody was started with, whether or not that is still there. */
export function copyInEffect(context: Context): string | undefined {
  const prosody = context.observed.deployments.get(childName(context.instance, 'prosody'))
  return copiesIn(context, prosody?.spec?.template.spec)[0]
}

/** The name of the copy that all read now; undefined while there are no passwords yet. */
export function copyInUse(context: Context): string | undefined {
  return copyInEffect(context) ?? wantedCopy(context)?.metadata.name
}

/** The copies to keep: the one to use next, and those that anything was started with. */
export function passwordCopies(context: Context): KubeObject[] {
  const { deployments, pods, secrets } = context.observed
  const wanted = wantedCopy(context)
  const next = wanted ? [wanted] : []
  const older = [...secrets.values()].filter(
    ({ metadata: { name } }) => isCopy(context, name) && name !== wanted?.metadata.name,
  )
  if (older.length === 0) return next
  const specs = [
    ...pods.map(({ spec }) => spec),
    ...[...deployments.values()].map(({ spec }) => spec?.template.spec),
  ]
  const used = new Set(specs.flatMap(spec => copiesIn(context, spec)))
  return [...next, ...older.filter(({ metadata }) => used.has(metadata.name)).map(hold)]
}

/**
 * Was the bridge started with a password that is surely not prosody's any more? It can't log in
 * again. Another copy alone says nothing: it may be the password of something else that changed.
 */
export function isLockedOut(context: Context, { spec }: Pod): boolean {
  const passwordIn = (copy: string) =>
    context.observed.secrets.get(copy)?.data?.[accountKeys.jvb[0]]
  const valid = passwordIn(context.passwords)
  return copiesIn(context, spec).some(copy => {
    const own = passwordIn(copy)
    return own !== undefined && valid !== undefined && own !== valid
  })
}

/** Names of the copies that the containers of a Pod read. */
function copiesIn(context: Context, spec: PodSpec | undefined): string[] {
  return (spec?.containers ?? [])
    .flatMap(({ env }) => env ?? [])
    .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? [])
    .filter(name => isCopy(context, name))
}
