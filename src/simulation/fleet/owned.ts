import type { KubeObject } from '../../kube/types.ts'

interface Owned {
  ownerReferences?: { uid?: string; controller?: boolean }[]
}

/** Is the object a child of this parent? */
export function isOwned(object: KubeObject, parent: KubeObject): boolean {
  const { ownerReferences = [] } = object.metadata as Owned
  return ownerReferences.some(
    ({ uid, controller }) => controller === true && uid === parent.metadata.uid,
  )
}
