import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { inputs } from './fleet.ts'

/** CPU milliseconds of one plan in this process, the least of a few; a slow one is measured once. */
export function planCost(request: SyncRequest): number {
  const times: number[] = []
  while (times.length < 5 && times.reduce((sum, time) => sum + time, 0) < 1000) {
    const before = process.cpuUsage()
    reconcile(request, inputs)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000)
  }
  return Math.min(...times)
}
