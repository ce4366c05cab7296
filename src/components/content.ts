import { annotation } from '../kube/annotations.ts'
import { digest } from '../kube/hash.ts'
import { relatedOf } from '../kube/observed.ts'
import type { ConfigMap } from '../kube/types.ts'
import type { Context } from './context.ts'

/** A ConfigMap or Secret that the spec refers to. */
export interface Reference {
  kind: 'ConfigMap' | 'Secret'
  name: string
  /** The keys that are read; all of them where none is named. */
  keys?: readonly string[]
}

/** The object that a reference names, if the cluster has it. */
export function referred({ observed }: Context, { kind, name }: Reference): ConfigMap | undefined {
  return relatedOf(observed, kind).find(({ metadata }) => metadata.name === name)
}

/**
 * An annotation for a Pod template that changes with the content of what the Pods mount: files
 * mounted by subPath are never updated in a running Pod, so new content means new Pods.
 */
export function contentHash(context: Context, references: Reference[]): Record<string, string> {
  if (references.length === 0) return {}
  const contents = references.map(reference => {
    const { data, binaryData } = referred(context, reference) ?? {}
    const { kind, name, keys } = reference
    return { kind, name, data: read(data, keys), binaryData: read(binaryData, keys) }
  })
  return { [annotation.content]: digest(contents) }
}

/** Of several things in one object only those that are read count. */
function read(data: Record<string, string> | undefined, keys: readonly string[] = []) {
  if (keys.length === 0 || data === undefined) return data
  return Object.fromEntries(Object.entries(data).filter(([key]) => keys.includes(key)))
}
