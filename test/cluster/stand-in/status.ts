import { isDeepStrictEqual } from 'node:util'
import { isCode, type KubeClient, type LiveObject, referenceTo } from '../kube-client.ts'

/**
 * Replaces the whole status of a parent, if it differs from what is stored now: what the hook did
 * not answer is gone, `observedGeneration` is always the generation that the hook saw.
 */
export async function writeStatus(
  client: KubeClient,
  parent: LiveObject,
  answered: Record<string, unknown>,
): Promise<void> {
  const status = { ...answered, observedGeneration: parent.metadata.generation }
  for (let attempt = 0; attempt < 4; attempt++) {
    if (await writeOnce(client, parent, status)) return
  }
}

/** False after a conflict, when it should be tried again on a fresh object. */
async function writeOnce(client: KubeClient, parent: LiveObject, status: unknown) {
  const current = await client.find(referenceTo(parent))
  const isSame = current?.metadata.uid === parent.metadata.uid
  if (!current || !isSame || isDeepStrictEqual(current.status, status)) return true
  try {
    await client.update({ ...current, status }, 'status')
    return true
  } catch (error) {
    if (isCode(error, 404)) return true
    if (isCode(error, 409)) return false
    throw error
  }
}
