import type { JitsiSpec } from '../api/jitsi.ts'
import type { Problem } from '../settings/settings.ts'

/**
 * Most of a spec stands in every Pod that is made of it, and an answer with all Pods is held in
 * memory as text, in a service that is there for all Jitsis. An API server takes specs of a
 * megabyte and more; the largest of our examples has 3 KiB.
 */
const mostKibibytes = 256

/** A spec that is too large for its copies; what else it says is not looked at. */
export function specTooLarge(spec: JitsiSpec): Problem[] {
  const kibibytes = Math.ceil(Buffer.byteLength(JSON.stringify(spec)) / 1024)
  if (kibibytes <= mostKibibytes) return []
  return [
    {
      path: 'spec',
      reason: 'SpecTooLarge',
      message: `spec: it has ${kibibytes} KiB as JSON, and ${mostKibibytes} are allowed; put configuration into ConfigMaps and name those in the spec; nothing is changed until then`,
    },
  ]
}
