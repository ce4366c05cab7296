import { ObserveRequest, type ObserveResponse } from '../api/metacontroller.ts'
import type { Service } from './service.ts'

export interface ObserveHook {
  observe: (request: ObserveRequest) => Promise<ObserveResponse>
}

/** `POST /observe`: one Pod of Jitsi → the facts about it, as annotations. */
export function observeHook(app: Service, { observe }: ObserveHook) {
  app.post(
    '/observe',
    { schema: { body: ObserveRequest }, config: { hook: 'observe' } },
    async request => {
      const answer = await observe(request.body)
      request.log.debug({ annotations: Object.keys(answer.annotations) }, 'observe')
      return answer
    },
  )
}
