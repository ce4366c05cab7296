import { isCode } from '../cluster/kube-client.ts'
import { until } from '../cluster/until.ts'

/** The API server may be away just now. */
export function persist<T>(ask: () => Promise<T>): Promise<T> {
  return until('the API server', async () => ({ answer: await ask() }), { everyMs: 250 }).then(
    ({ answer }) => answer,
  )
}

/**
 * The same; false when the object is gone, on its way, or another one by now. Where an answer was
 * lost before, it may be gone by what was asked: that is no reason to ask it of another object.
 */
export function unlessGone(ask: () => Promise<unknown>): Promise<boolean> {
  let unanswered = false
  return persist(async () => {
    try {
      await ask()
      return true
    } catch (error) {
      // 422: the uid is another one's, or a finalizer comes too late.
      if (isCode(error, 404, 409, 422)) return unanswered
      unanswered = true
      throw error
    }
  })
}
