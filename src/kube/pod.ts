import type { Pod } from './types.ts'

/** Has it ended by itself? It stays in the API until somebody deletes it. */
export const hasEnded = ({ status }: Pod): boolean =>
  status?.phase === 'Failed' || status?.phase === 'Succeeded'

/** Has it ended, or is it about to? Nothing new is begun with such a Pod. */
export const isLeaving = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined || hasEnded(pod)
