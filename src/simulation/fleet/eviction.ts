import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import type { Pod } from '../../kube/types.ts'
import type { ObjectStore } from './object-store.ts'
import { type Selector, selects } from './selector.ts'

/** May a Pod be evicted, or does a PodDisruptionBudget forbid it? */
export function mayBeEvicted(pod: Pod, store: ObjectStore): boolean {
  const budgets = store
    .list('PodDisruptionBudget')
    .filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
    .map(budget => budget as unknown as PodDisruptionBudget)
    .filter(({ spec }) => selects(spec?.selector as Selector, pod.metadata.labels))
  const pods = (store.list('Pod') as Pod[]).filter(isHealthy)
  return budgets.every(({ spec }) => {
    const selected = pods.filter(({ metadata }) =>
      selects(spec?.selector as Selector, metadata.labels),
    )
    const always = spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' && !isHealthy(pod)
    return always || selected.length > Number(spec?.minAvailable ?? 0)
  })
}

function isHealthy({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  )
  return metadata.deletionTimestamp === undefined && ready === true
}
