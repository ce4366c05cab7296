import type { SyncResponse } from '../api/metacontroller.ts'
import type { Pod } from '../kube/types.ts'

/** What the plan may know beside the request; nothing else reaches it. */
export interface PlanInputs {
  now: Date
  /** A new random password; called only for keys that no observed Secret has yet. */
  password: () => string
  /** Undefined where facts are to be taken as they are written. */
  conferencesNow?: ConferencesNow
}

/**
 * What jicofo itself says of its meetings at this moment. Facts are written only when they change,
 * so nothing in "no conference" tells whether somebody still looks, and a restart ends meetings.
 * `unasked`: the plan says in `asks` when it has to know. `silent`: it was asked in vain.
 */
export type ConferencesNow = number | 'unasked' | 'silent'

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
  /** The Pod of jicofo, where the plan would restart something if nobody meets at this moment. */
  asks?: Pod | undefined
}
