import type { KubeClient, LiveObject } from './kube-client.ts'

export type Kind = { apiVersion: string; kind: string }

/** Fields that differ between two runs of the same scenario, by nature. */
const fleeting = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'generation',
  'deletionTimestamp',
]

/**
 * All objects of the kinds in one namespace, without what differs between runs: uids, versions,
 * times, the namespace's name, the status of what other controllers run and where the scheduler
 * put a Pod. Two snapshots of the same end state are equal.
 */
export async function snapshot(
  client: KubeClient,
  namespace: string,
  { owned, parents }: { owned: readonly Kind[]; parents: readonly Kind[] },
): Promise<Record<string, unknown>> {
  const lists = await Promise.all(
    [...owned, ...parents].map(kind => client.list(kind, { namespace })),
  )
  const objects = lists.flat().filter(({ metadata }) => !metadata.name.startsWith('kube-root-ca'))
  const uids = objects.map(({ metadata }) => metadata.uid ?? '')
  const anonymous = (text: string) =>
    uids
      .reduce((rest, uid, index) => rest.replaceAll(uid, `uid-${index}`), text)
      .replaceAll(namespace, 'NAMESPACE')
  const entries = objects
    .filter(object => !isGrandchild(object))
    .map(object => {
      const keepStatus = parents.some(({ kind }) => kind === object.kind)
      return [`${object.kind} ${object.metadata.name}`, lasting(object, keepStatus)]
    })
  return JSON.parse(anonymous(JSON.stringify(Object.fromEntries(entries))))
}

/** Pods of a Deployment have random names. */
function isGrandchild({ metadata }: LiveObject): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet') ?? false
}

function lasting(object: LiveObject, keepStatus: boolean): unknown {
  const { status, metadata, ...rest } = object
  const kept = Object.entries(metadata).filter(([field]) => !fleeting.includes(field))
  const spec = rest.spec as Record<string, unknown> | undefined
  return {
    ...rest,
    metadata: Object.fromEntries(kept),
    ...(spec && { spec: { ...spec, nodeName: undefined } }),
    ...(keepStatus && { status }),
  }
}
