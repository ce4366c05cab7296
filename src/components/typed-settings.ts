import type { EnvVar } from 'kubernetes-types/core/v1.js'

/** A setting: plain text, or where to find it; undefined where it is decided, but not known yet. */
export type Setting = string | EnvVar['valueFrom']

/** A setting that a field of the spec decides, for every component whose image reads it. */
export interface TypedSetting {
  name: string
  value: Setting
  /** The field; a variable of that name contradicts it. Undefined where both are put together. */
  field: string | undefined
}

/** A comma-separated list of the user's with words of ours added, each once. */
export function listed(own: string | undefined, words: readonly string[]): string {
  const given = (own ?? '').split(',').filter(word => word !== '')
  return [...new Set([...given, ...words])].join(',')
}
