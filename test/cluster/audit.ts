import { readFile } from 'node:fs/promises'
import { type User, usernames } from './control-plane.ts'

/** One accepted write to the API server. */
export interface Write {
  user: User
  verb: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
  /** RFC 3339 with microseconds. */
  at: string
}

/** A write, and whose it was. */
export type AnyWrite = Omit<Write, 'user'> & { username: string }

interface AuditEvent {
  verb: string
  user: { username: string; groups: string[] }
  objectRef?: {
    apiGroup?: string
    resource: string
    subresource?: string
    namespace?: string
    name?: string
  }
  annotations?: Record<string, string>
  responseStatus?: { code?: number }
  stageTimestamp: string
}

/**
 * The writes that the API server accepted from one user, in order. The log is written before the
 * answer to a request goes out, so a write that anybody could have seen is in it.
 */
export async function writesBy(user: User, auditLog: string): Promise<Write[]> {
  const writes = await allWrites(auditLog)
  return writes
    .filter(({ username }) => username === usernames[user])
    .map(({ username: _, ...write }) => ({ user, ...write }))
}

/** The writes that the API server accepted from anybody, its own controllers included. */
export async function allWrites(auditLog: string): Promise<AnyWrite[]> {
  return (await eventsIn(auditLog))
    .filter(event => (event.responseStatus?.code ?? 500) < 300)
    .map(event => ({
      username: event.user.username,
      verb: event.verb,
      at: event.stageTimestamp,
      resource: event.objectRef?.resource ?? '',
      ...pick(event.objectRef),
    }))
}

/** What a SubjectAccessReview asks: may they make this call? */
export interface AccessQuestion {
  user: string
  groups: string[]
  resourceAttributes: {
    verb: string
    group: string
    resource: string
    subresource?: string
    namespace?: string
    name?: string
  }
}

/**
 * The rights that others than the administrator made use of, as `role: group/resource verb`, each
 * with a call that it let through. Of several roles the API server names the first that it finds.
 */
export async function rightsUsed(auditLog: string): Promise<Map<string, AccessQuestion>> {
  const used = (await eventsIn(auditLog)).filter(
    event => observed.has(event.user.username) && wasLetThrough(event),
  )
  return new Map(
    used.flatMap(({ verb, user: { username: user, groups }, objectRef, annotations }) => {
      // Discovery is everybody's, and of no object.
      if (!objectRef) return []
      const { apiGroup: group = '', resource, subresource } = objectRef
      const role = /of (?:Cluster)?Role "([^"/]+)[^"]*"/.exec(annotations?.[reason] ?? '')?.[1]
      const what = [`${group}/${resource}`, subresource].filter(Boolean).join('/')
      const resourceAttributes = { verb, group, resource, ...pick(objectRef) }
      return [[`${role}: ${what} ${verb}`, { user, groups, resourceAttributes }] as const]
    }),
  )
}

const { admin: _, ...others } = usernames
const observed = new Set<string>(Object.values(others))

/** To be told that there is no such object takes the right to ask for it. */
function wasLetThrough({ responseStatus: { code = 500 } = {} }: AuditEvent): boolean {
  return code < 300 || code === 404
}

const reason = 'authorization.k8s.io/reason'

async function eventsIn(auditLog: string): Promise<AuditEvent[]> {
  const text = await readFile(auditLog, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as AuditEvent)
}

function pick({ subresource, namespace, name }: Partial<Write> = {}) {
  return {
    ...(subresource !== undefined && { subresource }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  }
}
