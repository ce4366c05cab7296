import { type AnyWrite, allWrites } from '../../../test/cluster/audit.ts'
import { usernames } from '../../../test/cluster/control-plane.ts'

/** When the writes that fit were accepted, by the API server's own clock, in milliseconds. */
export async function momentsOf(
  auditLog: string,
  fits: (write: AnyWrite) => boolean,
): Promise<number[]> {
  return (await allWrites(auditLog)).filter(fits).map(({ at }) => Date.parse(at))
}

/** Was it Metacontroller that made an object of ours? Events are notes, no objects of a Jitsi. */
export const isChildMade = ({ username, verb, resource }: AnyWrite) =>
  username === usernames.metacontroller && verb === 'create' && resource !== 'events'

/** Was it somebody who applied a Jitsi? */
export const isJitsiApplied = ({ username, resource, subresource }: AnyWrite) =>
  username === usernames.admin && resource === 'jitsis' && subresource === undefined

/** Milliseconds from the first of some moments to the last of others. */
export const span = (from: readonly number[], to: readonly number[]) =>
  Math.max(...to) - Math.min(...from)

export const middle = (figures: readonly number[]) =>
  [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
