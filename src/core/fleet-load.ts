import type { BridgeFacts } from '../api/facts.ts'
import { loadsOf } from '../autoscaling/spare.ts'
import type { CountedBridge } from '../autoscaling/stress.ts'
import type { Context } from '../components/context.ts'
import type { Bridge } from '../components/jvb/bridge.ts'

/*
 * Which bridges count for the autoscaling, and what they carry.
 */

/** As full as a bridge may be. */
const fullStress = 0.8

/**
 * The fewest bridges that carry what is there, each as full as it may be. One of which
 * nothing is known counts as a full one.
 */
export function carrying({ spec }: Context, bridges: readonly Bridge[]): number {
  const serving = counted(bridges).filter(({ state }) => state === 'Serving')
  const known = serving.flatMap(({ facts }) => (facts?.reachable ? [facts] : []))
  const loads = loadsOf(known, draining(bridges), spec.jvb.autoscaling.spare)
  const load = loads.reduce((sum, one) => sum + one, 0)
  return Math.ceil(load / (fullStress * 100)) + serving.length - known.length
}

/** What draining bridges carry still has to fit somewhere; what they could carry does not count. */
export function draining(bridges: readonly Bridge[]): BridgeFacts[] {
  return bridges.flatMap(({ state, facts }) =>
    state === 'Draining' && facts?.reachable ? [facts] : [],
  )
}

/** Draining bridges would dilute the mean. */
export function counted(bridges: readonly Bridge[]): CountedBridge[] {
  return bridges.flatMap(({ state, facts, intent }) =>
    intent === 'serve' && (state === 'Pending' || state === 'Starting' || state === 'Serving')
      ? [{ state, facts }]
      : [],
  )
}
