/** The key by which Karpenter leaves a Pod's node alone. */
export const doNotDisrupt = 'karpenter.sh/do-not-disrupt'

/** The key by which cluster-autoscaler does, or may remove the node. */
export const safeToEvict = 'cluster-autoscaler.kubernetes.io/safe-to-evict'

/** Annotations of a Pod that tell node autoscalers whether they may remove its node. */
export const eviction = (busy: boolean): Record<string, string> => ({
  [safeToEvict]: String(!busy),
  ...(busy ? { [doNotDisrupt]: 'true' } : {}),
})
