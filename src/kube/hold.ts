import { annotation } from './annotations.ts'
import { isRecord } from './record.ts'
import type { KubeObject, Pod } from './types.ts'

/*
 * Answers that change nothing. Metacontroller merges three ways (what we applied last, what is
 * there, what we answer) and deletes what we leave out, so "leave it alone" has to be said.
 */

const lastApplied = 'metacontroller.k8s.io/last-applied-configuration'

/**
 * A child as it is. For a Pod that is its observed spec: repeating what we applied would undo what
 * admission webhooks changed, and restart its containers. For other kinds it is what we applied
 * last, with the values that people changed since.
 */
export function hold(child: KubeObject): KubeObject {
  if (child.kind === 'Pod') return holdPod(child as Pod)
  const applied = appliedForm(child)
  const kept = applied && covers(child, applied) ? applied : project(child, applied)
  return kept as KubeObject
}

function holdPod(pod: Pod): KubeObject {
  const { apiVersion, kind, metadata, spec } = pod
  const { name, namespace, labels } = metadata
  const annotations = planAnnotations(pod)
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      annotations,
    },
    spec,
  }
}

/**
 * The annotations of a Pod that are the plan's to repeat. The observer's must not be among them: a
 * plan made from an older view of the Pod would write back older facts.
 */
export function planAnnotations({ metadata }: Pod): Record<string, string> {
  const {
    [lastApplied]: _,
    [annotation.facts]: __,
    [annotation.node]: ___,
    ...own
  } = metadata.annotations ?? {}
  return own
}

/** What we applied last, if the object carries it. */
export function appliedForm(child: KubeObject): Record<string, unknown> | undefined {
  try {
    const applied: unknown = JSON.parse(child.metadata.annotations?.[lastApplied] ?? '')
    return isRecord(applied) && isAbout(applied, child) ? applied : undefined
  } catch {
    return undefined
  }
}

/** People edit annotations, and one that names another object says nothing of this one. */
function isAbout(applied: Record<string, unknown>, { apiVersion, kind, metadata }: KubeObject) {
  const { name } = isRecord(applied.metadata) ? applied.metadata : {}
  return applied.apiVersion === apiVersion && applied.kind === kind && name === metadata.name
}

/** Has `observed` every member of `applied`, with the same value? */
function covers(observed: unknown, applied: unknown): boolean {
  if (isRecord(applied)) {
    return (
      isRecord(observed) && Object.keys(applied).every(key => covers(observed[key], applied[key]))
    )
  }
  if (Array.isArray(applied)) {
    return (
      Array.isArray(observed) &&
      observed.length === applied.length &&
      applied.every((member, index) => covers(observed[index], member))
    )
  }
  return observed === applied
}

/**
 * The observed values of the members that `shape` names; everything that is ours to say without it.
 */
function project(observed: unknown, shape: unknown): unknown {
  if (isRecord(observed) && shape === undefined) return withoutServerFields(observed as KubeObject)
  if (!isRecord(observed) || !isRecord(shape)) return observed
  return Object.fromEntries(
    Object.keys(shape)
      .filter(key => key in observed)
      .map(key => [key, project(observed[key], shape[key] ?? null)]),
  )
}

function withoutServerFields({ status: _, metadata, ...rest }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = metadata
  const { [lastApplied]: __, ...own } = annotations ?? {}
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(Object.keys(own).length > 0 ? { annotations: own } : {}),
    },
  }
}
