import { type SyncRequest as Request, SyncRequest } from '../api/metacontroller.ts'
import type { ConferencesNow, Decision, Plan, PlanInputs } from '../core/plan.ts'
import type { Pod } from '../kube/types.ts'
import { checkedAnswer } from './checked-answer.ts'
import type { Service } from './service.ts'

export interface SyncHook {
  reconcile: (request: Request, inputs: PlanInputs) => Plan
  now: () => Date
  password: () => string
  /** Asks a jicofo how many meetings it has at this moment. */
  conferencesNow: (jicofo: Pod) => Promise<number | 'silent'>
  onDecision: (decision: Decision) => void
}

/**
 * `POST /jitsi/sync`: what exists → what should exist. The answer's fields are passed as they are.
 */
export function syncHook(app: Service, sync: SyncHook) {
  const { reconcile, now, conferencesNow, onDecision } = sync
  app.post(
    '/jitsi/sync',
    { schema: { body: SyncRequest }, config: { hook: 'sync' } },
    async request => {
      const password = () => {
        const made = sync.password()
        request.madePasswords.push(made)
        return made
      }
      const planWith = (conferencesNow: ConferencesNow) =>
        reconcile(request.body, { now: now(), password, conferencesNow })
      const first = planWith('unasked')
      const plan = first.asks ? planWith(await conferencesNow(first.asks)) : first
      const answer = checkedAnswer(plan.response)
      plan.decisions.forEach(onDecision)
      // Reasons are constants; a decision's sentence may quote the spec and stays in status.
      const reasons = [...new Set(plan.decisions.map(({ reason }) => reason))]
      request.log.info({ children: answer.children.length, reasons }, 'sync')
      return answer
    },
  )
}
