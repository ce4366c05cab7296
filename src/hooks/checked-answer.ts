import type { SyncResponse } from '../api/metacontroller.ts'
import { isRecord } from '../kube/record.ts'

/**
 * The last look at an answer to sync, before Metacontroller acts on it. Each of these mistakes does
 * harm there: a null child crashes the whole process, a child without a kind fails the sync of all
 * the others, of two children with one name the last wins in silence, a missing status wipes the
 * old one.
 *
 * Throws, since it is a bug of the plan: a call that fails changes nothing in the cluster.
 */
export function checkedAnswer(answer: SyncResponse): SyncResponse {
  const { status, children, resyncAfterSeconds = 0 } = answer
  if (!isRecord(status)) throw new Error('the answer has no status')
  if (!Array.isArray(children)) throw new Error('the answer has no list of children')
  if (!Number.isFinite(resyncAfterSeconds) || resyncAfterSeconds < 0) {
    throw new Error(`resyncAfterSeconds is ${resyncAfterSeconds}, not a number of seconds`)
  }
  const identities = new Set<string>()
  children.forEach((child: unknown, at) => {
    const identity = identityOf(child)
    if (identity === undefined) throw new Error(`child ${at} lacks apiVersion, kind or name`)
    if (identities.has(identity)) throw new Error(`child ${at}, ${identity}, is there twice`)
    identities.add(identity)
  })
  return answer
}

function identityOf(child: unknown): string | undefined {
  if (!isRecord(child) || !isRecord(child.metadata)) return undefined
  const parts = [child.apiVersion, child.kind, child.metadata.name]
  if (!parts.every(part => typeof part === 'string' && part !== '')) return undefined
  return [...parts, child.metadata.namespace ?? ''].join(' ')
}
