import { isDeepStrictEqual } from 'node:util'
import type { LiveObject } from '../kube-client.ts'

/** What `ignoreStatusChanges` ignores: neither spec nor labels, annotations or deletion changed. */
export function onlyStatusChanged(
  { metadata: before }: LiveObject,
  { metadata: after }: LiveObject,
): boolean {
  return (
    before.generation === after.generation &&
    isDeepStrictEqual(before.labels, after.labels) &&
    isDeepStrictEqual(before.annotations, after.annotations) &&
    after.deletionTimestamp === undefined
  )
}

/** Calls back every so many seconds, if so many are given; returns how to end that. */
export function every(seconds: number | undefined, callback: () => void): () => void {
  if (!seconds) return () => {}
  const timer = setInterval(callback, seconds * 1000)
  return () => clearInterval(timer)
}
