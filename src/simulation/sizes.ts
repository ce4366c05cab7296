/** What all policies have in common, so that only the policy differs. */
export interface Sizes {
  /** Cores of one bridge; each has a node for itself. */
  cpus: number
  minReplicas: number
  maxReplicas: number
  /** Seconds from a Pod without a place to a new node that is ready. */
  nodeSeconds: number
  /** Seconds that an empty node stays before the cluster autoscaler removes it. */
  emptyNodeSeconds: number
  /** Seconds to pull the image on a new node; on an old one it is there. */
  pullSeconds: number
  /** Endpoints with last-n 9 that bring one core to a stress of 0.8. */
  endpointsPerCpu: number
  seed: number
}

/** What `simulate` takes where the spec says nothing else: bridges of 4 cores in a cloud. */
export const usualSizes: Sizes = {
  cpus: 4,
  minReplicas: 2,
  maxReplicas: 200,
  nodeSeconds: 120,
  emptyNodeSeconds: 600,
  pullSeconds: 30,
  endpointsPerCpu: 18,
  seed: 1,
}

/** People that a bridge carries at a stress of 0.8, which nobody should go beyond. */
export const fullBridge = ({ cpus, endpointsPerCpu }: Sizes) => cpus * endpointsPerCpu
