import type { JitsiSpec } from '../api/jitsi.ts'
import { configMapUses } from './config-map-references.ts'
import type { Reference } from './content.ts'
import { secretUses } from './secret-references.ts'

/** A ConfigMap or Secret of the user's, and the component that reads it at start. */
export interface Use extends Reference {
  component: string
  /** Those of its keys without which a Pod does not start. */
  keys: readonly string[]
}

/** All that components read. */
export const usesOf = (spec: JitsiSpec): Use[] => [
  ...configMapUses(spec).map(use => ({ kind: 'ConfigMap' as const, ...use })),
  ...secretUses(spec).map(use => ({ kind: 'Secret' as const, ...use })),
]
