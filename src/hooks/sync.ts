import { type SyncRequest as Request, SyncRequest } from '../api/metacontroller.ts'
import type { Decision, Plan, PlanInputs } from '../core/plan.ts'
import { checkedAnswer } from './checked-answer.ts'
import type { Service } from './service.ts'

export interface SyncHook {
  reconcile: (request: Request, inputs: PlanInputs) => Plan
  now: () => Date
  password: () => string
  /** When the service started. */
  runningSince: Date
  onDecision: (decision: Decision) => void
}

/** `POST /jitsi/sync`: what exists → what should exist. The answer's fields are passed as they are. */
export function syncHook(app: Service, sync: SyncHook) {
  const { reconcile, now, password, runningSince, onDecision } = sync
  app.post(
    '/jitsi/sync',
    { schema: { body: SyncRequest }, config: { hook: 'sync' } },
    async request => {
      const plan = reconcile(request.body, {
        now: now(),
        runningSince,
        password: () => {
          const made = password()
          request.madePasswords.push(made)
          return made
        },
      })
      const answer = checkedAnswer(plan.response)
      plan.decisions.forEach(onDecision)
      // Reasons are constants; a decision's sentence may quote the spec and stays in status.
      const reasons = [...new Set(plan.decisions.map(({ reason }) => reason))]
      request.log.info({ children: answer.children.length, reasons }, 'sync')
      return answer
    },
  )
}
