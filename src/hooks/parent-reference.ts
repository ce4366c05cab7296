import type { Metadata } from '../kube/types.ts'

/** Whom a hook call is about, for every log line of the call. */
export interface ParentReference {
  namespace?: string
  name?: string
  generation?: number
  uid?: string
}

const objectName = /^[a-z0-9][-a-z0-9.]{0,252}$/

/**
 * The parent's identity out of a request's body, valid or not; undefined if there is none.
 * Only what has the form of a name gets through: a body may hold anything at these places.
 */
export function parentReference(body: unknown): ParentReference | undefined {
  const { parent, object } = (body ?? {}) as { parent?: unknown; object?: unknown }
  const { metadata } = (parent ?? object ?? {}) as { metadata?: Partial<Metadata> | null }
  if (typeof metadata !== 'object' || metadata === null) return undefined
  const { namespace, name, generation, uid } = metadata
  return {
    ...(isName(namespace) && { namespace }),
    ...(isName(name) && { name }),
    ...(typeof generation === 'number' && { generation }),
    ...(isName(uid) && { uid }),
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && objectName.test(value)
}
