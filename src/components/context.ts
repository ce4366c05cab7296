import type { Jitsi } from '../api/jitsi.ts'
import type { Observed } from '../kube/observed.ts'

/** What a builder may know; src/core fills it. */
export interface Context {
  readonly instance: string
  readonly namespace: string
  readonly jitsi: Jitsi
  readonly spec: Jitsi['spec']
  readonly observed: Observed
  readonly now: Date
  /** Name of the Secret whose passwords components read now. */
  readonly passwords: string
  /** Plural names of the child kinds that the controller was set up for: `podmonitors`, … */
  readonly childKinds: ReadonlySet<string>
  /** The namespace that this service runs in, as far as its address tells. */
  readonly operatorNamespace: string
}
