import { mock } from 'node:test'
import Fastify from 'fastify'
import t from 'tap'
import { tidyUpAtRest } from '../../src/service/tidy-up.ts'

t.test('garbage is collected at rest', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let collected = 0
  const app = Fastify({ bodyLimit: 2_000_000 })
  t.teardown(() => app.close())
  tidyUpAtRest(app, () => collected++)
  app.post('/', async () => ({}))
  app.get('/', async () => ({}))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const call = (bytes: number) =>
    app.inject({ method: 'POST', url: '/', payload: { text: 'x'.repeat(bytes) } })
  const after = (seconds: number) => {
    mock.timers.tick(seconds * 1000)
    return collected
  }
  t.equal(after(1), 1, 'a second after the start')
  await call(10)
  t.equal(after(100), 1, 'a small request leaves nothing worth while')
  await call(1_000_000)
  t.equal(after(59), 1)
  await call(1_000_000)
  t.equal(after(59), 1, 'large requests go on')
  await app.inject('/')
  t.equal(after(1), 2, 'a minute after the last large one')
  await app.inject('/')
  t.equal(after(1000), 2, 'once is enough')
})
