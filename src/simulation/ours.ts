import { Cron } from 'croner'
import { apiVersion } from '../api/crd.ts'
import { reconcile } from '../core/reconcile.ts'
import { relatedRules } from '../core/related.ts'
import { ClusterModel } from './fleet/cluster-model.ts'
import { Fleet } from './fleet/fleet.ts'
import { Timeline } from './fleet/timeline.ts'
import { HpaModel } from './hpa-model.ts'
import { NodePool } from './node-pool.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { OurPolicy } from './policies.ts'
import { followSettings } from './rendered-settings.ts'
import { replay, sampled } from './replay.ts'
import type { Sizes } from './sizes.ts'
import type { Trace } from './trace.ts'

/** Seconds before the day in which the installation comes up. */
const warmUp = 900

/** A Monday; its midnight is minute 0 of a day. */
const sunday = new Date('2026-03-01T00:00:00Z')

/** Replays a day through the real plan and the real observer, on a cluster in memory. */
export async function ours(trace: Trace, sizes: Sizes, policy: OurPolicy): Promise<Outcome> {
  const timeline = new Timeline(beginning(policy.timezone ?? 'UTC'))
  const fleet = new Fleet({ seed: sizes.seed, timeline, endpointsPerCpu: sizes.endpointsPerCpu })
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
  followSettings(cluster, fleet)
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

/** A quarter of an hour before midnight, where the installation is. */
function beginning(timezone: string): Date {
  return new Cron('45 23 * * 0', { timezone, paused: true }).nextRun(sunday) ?? sunday
}

function jitsi(sizes: Sizes, { jvb, timezone }: OurPolicy, tag: string) {
  const { cpus, minReplicas, maxReplicas } = sizes
  const resources = { cpu: String(cpus), memory: '4Gi' }
  return {
    apiVersion,
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace: 'school' },
    spec: {
      domain: 'meet.school.example',
      image: { tag },
      ...(timezone ? { timezone } : {}),
      jvb: {
        ...jvb,
        resources: { requests: resources, limits: resources },
        strategy: { type: 'autoscaled', minReplicas, maxReplicas },
      },
    },
  }
}
