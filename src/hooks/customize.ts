import {
  CustomizeRequest,
  type CustomizeResponse,
  type RelatedRule,
} from '../api/metacontroller.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Service } from './service.ts'

export interface CustomizeHook {
  relatedRules: (parent: KubeObject) => RelatedRule[]
}

/** `POST /jitsi/customize`: which objects that a Jitsi does not own its sync wants to see. */
export function customizeHook(app: Service, { relatedRules }: CustomizeHook) {
  app.post(
    '/jitsi/customize',
    { schema: { body: CustomizeRequest }, config: { hook: 'customize' } },
    async (request): Promise<CustomizeResponse> => {
      const relatedResources = relatedRules(request.body.parent)
      request.log.debug({ rules: relatedResources.length }, 'customize')
      return { relatedResources }
    },
  )
}
