import t from 'tap'
import { contextOf, resolveSpec } from '../../src/core/context.ts'
import { jitsi, now, request } from '../support/fixtures.ts'
import { freeze } from '../support/freeze.ts'

t.test('a spec', async t => {
  t.test('has its defaults filled in, at every depth', async t => {
    t.match(resolveSpec({ domain: 'meet.example.org' }), {
      timezone: 'UTC',
      jvb: { strategy: { type: 'static', replicas: 1 }, ports: { udp: 10_000, count: 10 } },
    })
  })
  t.test('keeps what a person wrote, beside the defaults of its siblings', async t => {
    t.match(resolveSpec({ jvb: { strategy: { replicas: 7 } } }), {
      jvb: { strategy: { type: 'static', replicas: 7 }, exposure: { type: 'HostPort' } },
    })
  })
  t.test('keeps what is wrong in it, to be named', async t => {
    t.match(resolveSpec({ domain: 3, jvb: 'many' }), { domain: 3, jvb: 'many' })
  })
  t.test('keeps what poses as a list, and is none', async t => {
    for (const files of [{}, { length: -1 }, { 0: {}, length: 1 }, { length: 2 ** 32 - 1 }]) {
      t.strictSame(resolveSpec({ web: { files } }).web.files as object, files)
    }
    t.strictSame(resolveSpec({ jvb: [1] }).jvb as object, [1])
  })
  t.test('is not written to', async t => {
    t.doesNotThrow(() => resolveSpec(freeze({ jvb: { strategy: {} } })))
  })
  t.test('may be missing', async t => {
    for (const spec of [undefined, null, 'meet', []]) {
      t.match(resolveSpec(spec), { timezone: 'UTC' }, JSON.stringify(spec))
    }
  })
})

t.test('what the builders know', async t => {
  const {
    instance,
    namespace,
    childKinds,
    now: time,
  } = contextOf(request({ jitsi: jitsi(), kinds: ['podmonitors'] }), now)
  t.strictSame(
    { instance, namespace, childKinds: [...childKinds], time },
    { instance: 'meet', namespace: 'school', childKinds: ['podmonitors'], time: now },
  )
})

t.test('a request may say less', async t => {
  const { metadata, ...rest } = jitsi()
  const { namespace: _, ...unplaced } = metadata
  const { namespace, childKinds } = contextOf(
    { parent: { ...rest, metadata: unplaced }, children: {} },
    now,
  )
  t.equal(namespace, 'default')
  t.equal(childKinds.size, 0)
})
