import type { JitsiSpec } from '../api/jitsi.ts'
import { quantityValue } from '../kube/quantity.ts'
import { type Sizes, usualSizes } from './sizes.ts'

/** An installation of ours, as far as it decides how bridges come and go. */
export interface OurPolicy {
  readonly name: string
  readonly timezone?: string
  readonly jvb: Partial<JitsiSpec['jvb']>
}

type Autoscaling = Record<string, unknown>

const policy = (name: string, autoscaling: Autoscaling): OurPolicy => ({
  name,
  jvb: { autoscaling: autoscaling as unknown as JitsiSpec['jvb']['autoscaling'] },
})

/** Our defaults, from both sources that need no adapter. */
export const defaultPolicies: readonly OurPolicy[] = [
  policy('ours, cpu', { metric: { source: 'cpu' } }),
  policy('ours, stress', { metric: { source: 'stress' } }),
]

/** The defaults with an `autoscaling` of somebody's own. */
export const ownPolicy = (autoscaling: Autoscaling): OurPolicy => policy('yours', autoscaling)

/** What a Jitsi says of it. Other parts of it may wait for what a model does not have. */
export function policyOf(name: string, { jvb, timezone }: JitsiSpec): OurPolicy {
  const { autoscaling, drain, rollout } = jvb
  return { name, timezone, jvb: { autoscaling, drain, rollout } }
}

/** The bridges of a Jitsi. */
export function sizesOf({ jvb }: JitsiSpec): Sizes {
  const cpus = quantityValue(jvb.resources?.limits?.cpu ?? jvb.resources?.requests?.cpu)
  const { minReplicas, maxReplicas } = jvb.strategy
  return { ...usualSizes, minReplicas, maxReplicas, ...(cpus ? { cpus } : {}) }
}
