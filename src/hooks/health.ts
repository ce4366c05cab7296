import type { Metrics } from '../service/metrics.ts'
import type { Service } from './service.ts'

/** `GET /healthz`, `/readyz` and `/metrics`: open to everybody, they tell nothing about a Jitsi. */
export function healthRoutes(app: Service, { registry }: Metrics) {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })

  app.get('/healthz', async () => ({ status: 'ok' }))

  /** Not ready while it stops: what is on its way is still answered, new callers go elsewhere. */
  app.get('/readyz', async (_request, reply) => {
    if (stopping) reply.code(503)
    return { status: stopping ? 'stopping' : 'ok' }
  })

  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
}
