import { reconcile } from '../core/reconcile.ts'
import { relatedRules } from '../core/related.ts'
import { ClusterModel } from './fleet/cluster-model.ts'
import { Fleet } from './fleet/fleet.ts'
import { Timeline } from './fleet/timeline.ts'
import { HpaModel } from './hpa-model.ts'
import { NodePool } from './node-pool.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { replay, sampled } from './replay.ts'
import type { Sizes } from './sizes.ts'
import type { Trace } from './trace.ts'

/** Seconds before the day in which the installation comes up. */
const warmUp = 900

/** An installation of ours: `spec.jvb.autoscaling`. */
export interface OurPolicy {
  name: string
  autoscaling: Record<string, unknown>
}

/** Replays a day through the real plan and the real observer, on a cluster in memory. */
export async function ours(trace: Trace, sizes: Sizes, policy: OurPolicy): Promise<Outcome> {
  const timeline = new Timeline(new Date('2026-03-01T23:45:00Z'))
  const fleet = new Fleet({
    seed: sizes.seed,
    timeline,
    endpointsPerCpu: sizes.endpointsPerCpu,
    averageParticipantStress: 0.032 / sizes.cpus,
  })
  // JICOFO_ENABLE_LOAD_REDISTRIBUTION is on.
  fleet.redistribute()
  let pool: NodePool | undefined
  let drawn = 0
  const cluster = new ClusterModel({
    timeline,
    fleet,
    sync: (request, now) =>
      reconcile(request, { now, password: () => `password-${++drawn}` }).response,
    customize: ({ parent }) => ({ relatedResources: relatedRules(parent) }),
    pullSeconds: pod => pool?.pullSeconds(pod) ?? 2,
  })
  pool = new NodePool(cluster, sizes)
  new HpaModel(cluster)
  const apply = (release: string) => cluster.apply(jitsi(sizes, policy, release))
  apply('stable-11146-2')
  replay(trace, fleet, warmUp)
  const bridges = () => cluster.bridgePods.length
  const samples = sampled(trace, fleet, { from: warmUp, bridges, timeline })
  if (trace.rolloutAt !== undefined) {
    timeline.in(warmUp + trace.rolloutAt * 60, () => apply('stable-11200'))
  }
  await cluster.run(warmUp + trace.minutes * 60)
  const [error] = cluster.composite.errors
  if (error) throw new Error(`the plan failed: ${error}`)
  return outcomeOf(policy.name, samples, fleet.tally())
}

function jitsi({ cpus, minReplicas, maxReplicas }: Sizes, policy: OurPolicy, tag: string) {
  const resources = { cpu: String(cpus), memory: '4Gi' }
  return {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace: 'school' },
    spec: {
      domain: 'meet.school.example',
      image: { tag },
      jvb: {
        resources: { requests: resources, limits: resources },
        strategy: { type: 'autoscaled', minReplicas, maxReplicas },
        autoscaling: policy.autoscaling,
      },
    },
  }
}
