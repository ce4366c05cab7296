import type { SyncResponse } from '../api/metacontroller.ts'

/** What the plan may know beside the request; nothing else reaches it. */
export interface PlanInputs {
  now: Date
  /** A new random password; called only for keys that no observed Secret has yet. */
  password: () => string
  /**
   * Since when this service answers the observer's calls too. Facts from before may be older than
   * they look: nobody looked while it was away. Undefined where facts are to be taken as they are.
   */
  runningSince?: Date | undefined
}

/** One thing that the plan decided, for the counter in /metrics and the log. */
export interface Decision {
  /** A stable CamelCase constant. */
  reason: string
  /** The sentence that people read in status. */
  message: string
  /** The object that it is about, if it is one. */
  object?: string
}

/** The answer to one request, and what was decided on the way to it. */
export interface Plan {
  response: SyncResponse
  decisions: Decision[]
}
