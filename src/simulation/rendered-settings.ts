import type { ConfigMap, Deployment, KubeObject } from '../kube/types.ts'
import type { ClusterModel } from './fleet/cluster-model.ts'
import type { Fleet } from './fleet/fleet.ts'
import { type RedistributionSettings, usualRedistribution } from './fleet/redistribution.ts'

/*
 * Jicofo and bridges of the model behave as the objects that the plan answers tell the real ones
 * to: a day is never replayed with settings that nobody would get.
 */

/** Lets jicofo follow what is rendered for it, as soon as it is. */
export function followSettings(cluster: ClusterModel, fleet: Fleet): void {
  let redistributes = false
  const [jicofo] = fleet.jicofos
  cluster.store.watch(({ after }) => {
    if (!after || !jicofo) return
    if (isOf(after, 'Deployment', 'jicofo')) {
      jicofo.settings.stressThreshold = thresholdOf(after as KubeObject & Deployment)
    }
    if (isOf(after, 'ConfigMap', 'jvb')) {
      const share = numberIn(after, 'average-participant-stress', 0.01)
      jicofo.settings.averageParticipantStress = share
    }
    if (isOf(after, 'ConfigMap', 'jicofo') && !redistributes) {
      redistributes = true
      fleet.redistribute(redistributionIn(after))
    }
  })
}

function isOf({ kind, metadata }: KubeObject, wanted: string, component: string): boolean {
  return kind === wanted && metadata.name.endsWith(`-${component}`)
}

function thresholdOf({ spec }: Deployment): number {
  const env = spec?.template.spec?.containers[0]?.env ?? []
  return Number(env.find(({ name }) => name === 'BRIDGE_STRESS_THRESHOLD')?.value ?? '0.8')
}

function redistributionIn(object: KubeObject): RedistributionSettings {
  const usual = usualRedistribution
  return {
    stressThreshold: numberIn(object, 'stress-threshold', usual.stressThreshold),
    endpoints: numberIn(object, 'endpoints', usual.endpoints),
    intervalSeconds: numberIn(object, 'interval', usual.intervalSeconds),
    pauseSeconds: numberIn(object, 'timeout', usual.pauseSeconds),
  }
}

/** The number after a key in any file of a ConfigMap; times are in seconds there. */
function numberIn(object: KubeObject, key: string, usual: number): number {
  const { data = {} } = object as KubeObject & ConfigMap
  const found = new RegExp(`\\b${key} = ([0-9.]+)`).exec(Object.values(data).join('\n'))
  return found ? Number(found[1]) : usual
}
