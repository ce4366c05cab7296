import type { Metrics } from '../service/metrics.ts'
import type { Service } from './service.ts'

/**
 * `GET /healthz`, `/readyz` and `/metrics`: open to everybody, they tell nothing about a Jitsi.
 * And the way to stop: every answer then is the last one on its connection.
 */
export function healthRoutes(app: Service, { registry }: Metrics) {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  // Node closes idle connections once, at the start of the stop. One that was busy then would go
  // idle afterwards and hold the process for as long as its client likes.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close')
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
