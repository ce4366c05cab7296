import fc from 'fast-check'
import { calmHistory, type History, happen, roughHistory, settle } from './history.ts'
import type { Law } from './law.ts'
import { lawsOfClusters } from './laws-of-clusters.ts'
import { lawsOfPeople } from './laws-of-people.ts'
import { lawsOfPlans } from './laws-of-plans.ts'
import { lifeAsDrawn } from './life-of-a-bridge.ts'
import { lookAt } from './look.ts'
import { type PartialSpec, School } from './school.ts'

/** Ten times as long as in a cluster: where time alone changes something, the plan has to ask. */
const resyncPeriodSeconds = 600

/** Everything that must hold on every day. */
export const laws: readonly Law[] = [
  ...lawsOfPeople,
  ...lawsOfPlans,
  ...lawsOfClusters,
  lifeAsDrawn,
]

/** A school and what happens there on one day. */
export interface Day {
  jvb: PartialSpec
  /** By how many changes the plan's view is older than the truth, at most; no more than 5 s. */
  staleness: number
  seed: number
  history: History
}

/** Every way in, with places enough for all bridges: a fleet that can't be whole never rests. */
const ways = fc.constantFrom(
  { exposure: { type: 'HostPort' }, ports: { count: 10 } },
  { exposure: { type: 'HostPort' }, ports: { count: 10 } },
  { exposure: { type: 'HostPort' }, ports: { count: 1 } },
  { exposure: { type: 'HostNetwork' }, ports: { count: 2 } },
  { exposure: { type: 'NodePort' }, ports: { count: 4 } },
  { exposure: { type: 'LoadBalancer' }, ports: { count: 24 } },
  { exposure: { type: 'LoadBalancer', perBridge: true }, ports: { count: 4 } },
)

const strategies = fc.constantFrom(
  { type: 'static', replicas: 2 },
  { type: 'static', replicas: 3 },
  { type: 'daemonset', replicas: 2 },
  { type: 'autoscaled', replicas: 2, minReplicas: 2, maxReplicas: 4 },
)

const schools = fc.record({
  way: ways,
  strategy: strategies,
  maxSurge: fc.integer({ min: 1, max: 3 }),
  timeout: fc.constantFrom('10m', '20m'),
  staleness: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})

/** Any day: half of them calm, half of them with all that goes wrong. */
export const anyDay: fc.Arbitrary<Day> = fc
  .tuple(schools, fc.oneof(calmHistory, roughHistory))
  .map(([{ way, strategy, maxSurge, timeout, staleness, seed }, history]) => ({
    jvb: {
      ...way,
      strategy,
      rollout: { maxSurge },
      drain: { timeout },
      autoscaling: { metric: { source: 'stress' } },
    },
    staleness,
    seed,
    history,
  }))

/**
 * Lives through a day under the laws; what each broken law was broken by first. Ends early when the
 * law that it looks for is broken.
 */
export async function live(
  { jvb, staleness, seed, history }: Day,
  lookingFor?: string,
): Promise<ReadonlyMap<string, string>> {
  const school = new School({ spec: { jvb }, staleness, seed, resyncPeriodSeconds })
  const broken = new Map<string, string>()
  const found = () => lookingFor !== undefined && broken.has(lookingFor)
  const watches = laws.map(({ name, watch }) =>
    watch(school, what => {
      if (!broken.has(name))
        broken.set(name, `at ${Math.round(school.timeline.seconds)} s: ${what}`)
    }),
  )
  school.onPlan.push((request, plan) => {
    const look = lookAt(request, plan)
    for (const watch of watches) watch.plan?.(look)
  })
  const run = async (seconds: number) => {
    for (let passed = 0; passed < seconds && !found(); passed += 10) {
      await school.cluster.run(Math.min(10, seconds - passed))
      for (const watch of watches) watch.moment?.()
    }
  }
  await run(180)
  for (const { after, event } of history) {
    await run(after)
    for (const watch of watches) watch.event?.(event)
    happen(school, event)
  }
  await settle(school, run)
  if (found()) return broken
  for (const watch of watches) await watch.end?.()
  return broken
}
