import type { Pod } from './types.ts'

/** Has it ended, or is it about to? Nothing new is begun with such a Pod. */
export function isLeaving({ metadata, status }: Pod): boolean {
  const phase = status?.phase
  return metadata.deletionTimestamp !== undefined || phase === 'Failed' || phase === 'Succeeded'
}
