import type { Condition } from '../api/jitsi-status.ts'

/** A judgement without its time. */
export interface Judgement {
  type: string
  status: 'True' | 'False' | 'Unknown'
  /** A stable CamelCase constant. */
  reason: string
  /** A sentence that says what to do. */
  message: string
}

/** A judgement that holds. */
export const yes = (type: string, reason: string, message: string): Judgement => ({
  type,
  status: 'True',
  reason,
  message,
})

/** A judgement that does not hold. */
export const no = (type: string, reason: string, message: string): Judgement => ({
  ...yes(type, reason, message),
  status: 'False',
})

/** A judgement of which nothing is known yet. */
export const maybe = (type: string, reason: string, message: string): Judgement => ({
  ...yes(type, reason, message),
  status: 'Unknown',
})

/** RFC 3339 in whole seconds, the form in which Kubernetes keeps times. */
export const timeText = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`

/** What Kubernetes allows its own conditions; names that somebody writes have no end. */
const longestMessage = 32_768

/**
 * Judgements as conditions. The time of a condition changes only when its status does: a time that
 * moved would be a write, and the write another call.
 */
export function conditionsOf(
  judgements: readonly Judgement[],
  previous: readonly Condition[],
  now: Date,
): Condition[] {
  const before = new Map(previous.map(condition => [condition.type, condition]))
  return judgements.map(judgement => {
    const old = before.get(judgement.type)
    const lastTransitionTime =
      old?.status === judgement.status ? old.lastTransitionTime : timeText(now)
    const message = judgement.message.slice(0, longestMessage)
    return { ...judgement, message, lastTransitionTime }
  })
}
