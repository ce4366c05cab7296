import { Value, type ValueError, ValueErrorType, ValuePointer } from '@sinclair/typebox/value'
import { type Jitsi, JitsiSpec } from '../api/jitsi.ts'
import type { SyncRequest } from '../api/metacontroller.ts'
import type { Context } from '../components/context.ts'
import { observedOf } from '../kube/observed.ts'
import { isRecord } from '../kube/record.ts'

/**
 * The spec with its defaults filled in: those of the CRD, applied again for whoever comes without
 * an API server. What is wrong in it stays as it is; specProblems names it.
 */
export function resolveSpec(spec: unknown): JitsiSpec {
  const given = structuredClone(isRecord(spec) ? spec : {})
  // Defaults are assigned: an object would turn into the list that belongs there, of any length.
  // From an API server all is filled in already, and to list errors takes longer than to see none.
  const misplaced = Value.Check(JitsiSpec, given)
    ? []
    : [...Value.Errors(JitsiSpec, given)].filter(isMisplaced)
  for (const { path } of misplaced) ValuePointer.Set(given, path, null)
  const resolved = Value.Default(JitsiSpec, given) as JitsiSpec
  for (const { path, value } of misplaced) ValuePointer.Set(resolved, path, value)
  return resolved
}

/** An object where a list belongs, or the reverse. */
function isMisplaced({ type, value }: ValueError): boolean {
  if (type === ValueErrorType.Array) return isRecord(value)
  return type === ValueErrorType.Object && Array.isArray(value)
}

/** Everything that the builders may know, out of one request. */
export function contextOf(request: SyncRequest, now: Date): Context {
  const { parent, children, related, controller } = request
  const spec = resolveSpec(parent.spec)
  const jitsi = { ...parent, spec, status: parent.status } as Jitsi
  return {
    instance: parent.metadata.name,
    namespace: parent.metadata.namespace ?? 'default',
    jitsi,
    spec,
    now,
    passwords: parent.metadata.name,
    observed: observedOf(children, related),
    childKinds: new Set((controller?.spec?.childResources ?? []).map(({ resource }) => resource)),
    operatorNamespace: operatorNamespace(controller),
  }
}

/** Metacontroller calls us at `http://<service>.<namespace>.svc…`; else as in our manifests. */
function operatorNamespace(controller: SyncRequest['controller']): string {
  const { url = '', service } = controller?.spec?.hooks?.sync?.webhook ?? {}
  return (
    service?.namespace ?? /^https?:\/\/[^./]+\.([^./:]+)\.svc\b/.exec(url)?.[1] ?? 'jitsi-operator'
  )
}
