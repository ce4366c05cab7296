import type { ObjectMap, RelatedRule, SyncRequest, SyncResponse } from '../api/metacontroller.ts'
import { isRecord } from '../kube/record.ts'
import type { KubeObject } from '../kube/types.ts'

/*
 * What Metacontroller would show the plan next, if a cluster had done what the plan answered.
 * Only as much of a cluster as the plan looks at: objects have a namespace and an identity.
 */

const born = '2020-01-01T00:00:00Z'

/** The objects as the children of a hook request: by kind, then by `namespace/name`. */
export function observedObjects(objects: readonly KubeObject[], namespace: string): ObjectMap {
  const observed: ObjectMap = {}
  for (const object of objects) {
    const metadata = {
      namespace,
      uid: `uid-of-${object.kind.toLowerCase()}-${object.metadata.name}`,
      creationTimestamp: born,
      ...object.metadata,
    }
    const kind = kindKey(object)
    observed[kind] = {
      ...observed[kind],
      [`${metadata.namespace}/${metadata.name}`]: { ...object, metadata },
    }
  }
  return observed
}

/**
 * The object as the API server keeps it: what people write as a Secret's stringData is data there.
 */
export function asStored(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || !isRecord(object.stringData)) return object
  const { stringData, ...secret } = object
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ])
  return { ...secret, data: { ...(secret.data as object), ...Object.fromEntries(encoded) } }
}

/** Would Metacontroller show the object to a Jitsi that asks by this rule? */
export function isRelated(
  { apiVersion, kind, metadata }: KubeObject,
  { names, namespace, labelSelector, ...rule }: RelatedRule,
): boolean {
  const labels = Object.entries(labelSelector?.matchLabels ?? {})
  return (
    rule.apiVersion === apiVersion &&
    rule.resource === `${kind.toLowerCase()}s` &&
    (namespace === undefined || namespace === metadata.namespace) &&
    (names === undefined || names.includes(metadata.name)) &&
    labels.every(([name, value]) => metadata.labels?.[name] === value)
  )
}

/** How Metacontroller's v2 requests name a kind: `Pod.v1`, `Deployment.apps/v1`. */
function kindKey({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${kind}.${apiVersion}`
}

/** The first request about a Jitsi: nothing of it exists yet. */
export function firstRequest(parent: KubeObject, related: ObjectMap = {}): SyncRequest {
  const metadata = { uid: 'uid-of-jitsi', generation: 1, ...parent.metadata }
  return {
    controller: { spec: { childResources: [] } },
    parent: { ...parent, metadata },
    children: {},
    related,
    finalizing: false,
  }
}

/** The request that follows an answer, all else being as it was. */
export function nextRequest(request: SyncRequest, answer: SyncResponse): SyncRequest {
  const { namespace = 'default' } = request.parent.metadata
  return {
    ...request,
    parent: { ...request.parent, status: answer.status },
    children: observedObjects(answer.children, namespace),
  }
}
