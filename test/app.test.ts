import t, { type Test } from 'tap'
import type { SyncRequest } from '../src/api/metacontroller.ts'
import { type AppOptions, buildApp } from '../src/app.ts'
import type { KubeObject } from '../src/kube/types.ts'
import { serviceLogger } from '../src/service/logging.ts'
import { observedPod, routes, serve } from './observer/pods.ts'
import { logLines } from './service/log-lines.ts'

type Reconcile = NonNullable<AppOptions['reconcile']>

const parent = {
  apiVersion: 'apps.jit.si/v1alpha1',
  kind: 'Jitsi',
  metadata: { name: 'meet', namespace: 'school', uid: 'a1', generation: 3 },
  spec: { domain: 'meet.example.org' },
}
const request = { parent, children: {}, related: {}, finalizing: false }
const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'meet' } }
const pod = { ...secret, kind: 'Pod', spec: { containers: [] } }
const answer = { status: { url: 'https://meet.example.org' }, children: [secret] }
const plan: Reconcile = () => ({ response: answer, decisions: [] })

function service(t: Test, options: Partial<AppOptions> = {}) {
  const app = buildApp({ version: '1.2.3', reconcile: plan, relatedRules: () => [], ...options })
  t.teardown(() => app.close())
  return app
}

type App = ReturnType<typeof service>

function post(app: App, url: string, payload: unknown) {
  return app.inject({
    method: 'POST',
    url,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json' },
  })
}

t.test('the hooks', async t => {
  t.test('sync answers what the plan answers, at a URL with a revision too', async t => {
    const reply = await post(service(t), '/jitsi/sync?rev=7', request)
    t.equal(reply.statusCode, 200)
    t.strictSame(reply.json(), answer)
  })

  t.test('sync keeps every field of an object, named in the contract or not', async t => {
    const seen: SyncRequest[] = []
    const app = service(t, {
      reconcile: body => {
        seen.push(body)
        return { response: { ...answer, children: [body.parent] }, decisions: [] }
      },
    })
    const odd = { ...parent, extra: { deep: [1, '2', null] }, metadata: { name: 'm', labels: {} } }
    const reply = await post(app, '/jitsi/sync', { ...request, parent: odd, more: true })
    t.strictSame(reply.json().children, [odd])
    t.match(seen, [{ more: true }])
  })

  t.test('sync is given the time and fresh passwords', async t => {
    const passwords: string[] = []
    const start = new Date('2026-03-01T08:00:00Z')
    const later = new Date('2026-03-01T09:00:00Z')
    let now = start
    const app = service(t, {
      now: () => now,
      reconcile: (_request, inputs) => {
        t.equal(inputs.now, later)
        passwords.push(inputs.password(), inputs.password())
        return { response: answer, decisions: [] }
      },
    })
    await app.ready()
    now = later
    await post(app, '/jitsi/sync', request)
    t.equal(new Set(passwords).size, 2)
    for (const password of passwords) t.match(password, /^[A-Za-z0-9]{32}$/)
  })

  t.test('sync asks jicofo itself where the plan has to know', async t => {
    const told = async (stats: object) => {
      const heard: unknown[] = []
      const { port } = await serve(t, routes({ 'GET /stats': stats }))
      const jicofo = observedPod({ component: 'jicofo', address: '127.0.0.1', port })
      const app = service(t, {
        reconcile: (_request, { conferencesNow }) => {
          heard.push(conferencesNow)
          const asks = conferencesNow === 'unasked' ? jicofo : undefined
          return { response: answer, decisions: [], asks }
        },
      })
      await post(app, '/jitsi/sync', request)
      return heard
    }
    const stats = { participants: 4, bridge_selector: { operational_bridge_count: 1 } }
    t.strictSame(await told({ ...stats, conferences: 2 }), ['unasked', 2])
    t.strictSame(await told({ error: 'it starts' }), ['unasked', 'silent'])
  })

  t.test('a ConfigMap with the key __proto__ does not make its Jitsi unanswerable', async t => {
    const body = JSON.stringify(request).replace('"related":{}', '"related":{"__proto__":{}}')
    t.equal((await post(service(t), '/jitsi/sync', body)).statusCode, 200)
  })

  t.test('customize answers the rules of the plan', async t => {
    const rule = { apiVersion: 'v1', resource: 'configmaps', names: ['ours'] }
    const app = service(t, { relatedRules: () => [rule] })
    const reply = await post(app, '/jitsi/customize', { controller: {}, parent })
    t.equal(reply.statusCode, 200)
    t.strictSame(reply.json(), { relatedResources: [rule] })
  })

  t.test('observe answers what the observer answers', async t => {
    const facts = { annotations: { fact: 'x', old: null }, attachments: [] as [] }
    const app = service(t, { observe: async () => facts })
    const reply = await post(app, '/observe', { object: pod })
    t.equal(reply.statusCode, 200)
    t.strictSame(reply.json(), facts)
  })
})

t.test('a request that breaks the contract is refused with a lesson, not answered', async t => {
  const cases = [
    { name: 'no parent', body: { children: {} }, want: /body\/parent: it is missing/ },
    { name: 'no children', body: { parent }, want: /body\/children: it is missing/ },
    {
      name: 'a name that is a number, instead of turning it into text',
      body: { ...request, parent: { ...parent, metadata: { name: 7 } } },
      want: /parent\/metadata\/name: expected text, got/,
    },
    {
      name: 'a null child',
      body: { ...request, children: { 'Pod.v1': { x: null } } },
      want: /object/,
    },
    {
      name: 'an object without a kind',
      body: { ...request, related: { 'Pod.v1': { x: { ...secret, kind: '' } } } },
      want: /related\/Pod.v1\/x\/kind: it is empty/,
    },
    {
      name: 'a Pod without a spec, which is none of an API server',
      body: { ...request, children: { 'Pod.v1': { x: { ...secret, kind: 'Pod' } } } },
      want: /children\/Pod.v1\/x\/spec: it is missing/,
    },
    {
      name: 'a Pod at an address that is no text',
      body: { ...request, children: { 'Pod.v1': { x: { ...pod, status: { podIP: {} } } } } },
      want: /status\/podIP: expected text, got/,
    },
    {
      name: 'a ConfigMap with a number in it',
      body: {
        ...request,
        related: { 'ConfigMap.v1': { x: { ...secret, kind: 'ConfigMap', data: { a: 1 } } } },
      },
      want: /data\/a: expected text, got/,
    },
    {
      name: 'an address that is no text',
      body: {
        ...request,
        children: {
          'Service.v1': {
            x: { ...secret, kind: 'Service', status: { loadBalancer: { ingress: [{ ip: 1 }] } } },
          },
        },
      },
      want: /ingress\/0\/ip: expected text, got/,
    },
    {
      name: 'a label of several lines that is no text',
      body: { ...request, parent: { ...parent, metadata: { name: 'x', labels: { 'a\nb': 1 } } } },
      want: /labels\/a\nb: expected text, got/,
    },
    {
      name: 'an object that is a text, under a name of several lines',
      body: { ...request, children: { 'Pod.v1': { 'x\ny': 's3cret' } } },
      want: /children\/Pod.v1\/x\ny: expected an object, got/,
    },
    { name: 'no JSON', body: '{"parent": s3cret', want: /not JSON/ },
    { name: 'nothing', body: '', want: /not JSON/ },
    { name: 'null', body: 'null', want: /body: expected an object, got null/ },
  ]
  for (const { name, body, want } of cases) {
    t.test(name, async t => {
      const { lines, destination } = logLines()
      const app = service(t, { logger: serviceLogger('info', destination) })
      const reply = await post(app, '/jitsi/sync', body)
      t.equal(reply.statusCode, 400)
      t.match(reply.json(), { error: 'BadRequest', message: want })
      t.equal(lines.length, 1)
      t.notMatch(reply.body + lines.join(), /s3cret/)
    })
  }

  t.test('a request so deep that no answer can be written', async t => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = JSON.stringify({ ...request, parent: { ...parent, spec: { odd: 0 } } })
    const { lines, destination } = logLines()
    for (const url of ['/jitsi/sync', '/jitsi/customize']) {
      const app = buildApp({ version: '0', logger: serviceLogger('info', destination) })
      t.teardown(() => app.close())
      const reply = await post(app, url, body.replace('"odd":0', `"odd":${deep}`))
      t.equal(reply.statusCode, 400)
      t.match(reply.json().message, /nested more than 1000 levels deep/)
    }
    t.match(
      lines.map(line => JSON.parse(line).level),
      ['warn', 'warn'],
    )
  })

  t.test('observe takes Pods alone', async t => {
    const reply = await post(service(t), '/observe', { object: secret })
    t.equal(reply.statusCode, 400)
    t.match(reply.json(), { message: /object\/kind: Expected 'Pod'/ })
  })

  t.test('observe names the object that it wants', async t => {
    t.match((await post(service(t), '/observe', {})).json(), {
      message: /body\/object: .*"object"/,
    })
  })

  t.test('another content type', async t => {
    const reply = await service(t).inject({ method: 'POST', url: '/jitsi/sync', payload: 'a=b' })
    t.equal(reply.statusCode, 415)
    t.match(reply.json().message, /content-type: application\/json/)
  })

  t.test('a body over the limit', async t => {
    const app = service(t, { limits: { bodyBytes: 100 } })
    const reply = await post(app, '/jitsi/sync', { ...request, more: 'x'.repeat(100) })
    t.equal(reply.statusCode, 413)
    t.match(reply.json().message, /100 bytes of BODY_LIMIT/)
  })

  t.test('an unknown path or method', async t => {
    const app = service(t)
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/jitsi/sync'],
      ['POST', '/sync'],
    ] as const) {
      const reply = await app.inject({ method, url })
      t.equal(reply.statusCode, 404)
      t.match(reply.json().message, /POST \/jitsi\/sync/)
    }
  })

  t.test('what is sent to no hook is not read: nobody asks for a token there', async t => {
    const app = service(t, { tokens: () => ['t0ken'], limits: { bodyBytes: 10 } })
    for (const url of ['/', '/healthz', '/load/school/meet', '/jitsi/nothing']) {
      const reply = await post(app, url, { more: 'x'.repeat(100) })
      t.equal(reply.statusCode, 404, url)
    }
  })
})

t.test('a request of 20 MB, as thousands of Pods make it, is answered', async t => {
  const pod = { ...secret, kind: 'Pod', spec: { containers: [] }, filling: 'x'.repeat(10_000) }
  const pods = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`school/p${at}`, pod]))
  const reply = await post(service(t), '/jitsi/sync', { ...request, children: { 'Pod.v1': pods } })
  t.equal(reply.statusCode, 200)
})

t.test(
  'a bug answers 500, so that Metacontroller changes nothing, and only the log has it',
  async t => {
    const broken = (response: unknown) => () => ({ response, decisions: [] })
    const cases = [
      { name: 'a null among the children', reconcile: broken({ status: {}, children: [null] }) },
      { name: 'no children', reconcile: broken({ status: {} }) },
      { name: 'no status', reconcile: broken({ children: [] }) },
      {
        name: 'a child without a kind',
        reconcile: broken({ status: {}, children: [{ ...secret, kind: undefined }] }),
      },
      { name: 'a child twice', reconcile: broken({ status: {}, children: [secret, secret] }) },
      {
        name: 'an exception that carries a status of its own',
        reconcile: () => {
          throw Object.assign(new Error('inner workings'), { statusCode: 404, code: 'ENOENT' })
        },
      },
      {
        name: 'something thrown that is no error',
        reconcile: () => {
          throw 'inner workings'
        },
      },
    ]
    for (const { name, reconcile } of cases) {
      t.test(name, async t => {
        const { lines, destination } = logLines()
        const app = service(t, {
          reconcile: reconcile as Reconcile,
          logger: serviceLogger('info', destination),
        })
        const reply = await post(app, '/jitsi/sync', request)
        t.equal(reply.statusCode, 500)
        t.strictSame(Object.keys(reply.json()), ['error', 'message'])
        t.notMatch(reply.body, /inner workings|\.ts/)
        const [line = ''] = lines
        t.match(JSON.parse(line), {
          level: 'error',
          parent: { namespace: 'school', name: 'meet', generation: 3, uid: 'a1' },
          err: { type: String },
        })
      })
    }

    t.test('in customize and observe as well', async t => {
      const fails = () => {
        throw new Error('inner workings')
      }
      const app = service(t, { relatedRules: fails, observe: fails })
      t.equal((await post(app, '/jitsi/customize', { parent })).statusCode, 500)
      t.equal((await post(app, '/observe', { object: pod })).statusCode, 500)
    })
  },
)

t.test('every hook call logs whom it is about and what was decided', async t => {
  const { lines, destination } = logLines()
  const decisions = ['Drain', 'Wait', 'Drain'].map(reason => ({ reason, message: 'spec text' }))
  const app = service(t, {
    logger: serviceLogger('debug', destination),
    reconcile: () => ({ response: answer, decisions }),
    observe: async () => ({ annotations: {}, attachments: [] }),
  })
  await post(app, '/jitsi/sync', request)
  await post(app, '/jitsi/customize', request)
  await post(app, '/observe', { object: { ...pod, metadata: parent.metadata } })
  const whom = { namespace: 'school', name: 'meet', generation: 3, uid: 'a1' }
  t.match(
    lines.map(line => JSON.parse(line)),
    [
      { msg: 'sync', parent: whom, children: 1, reasons: ['Drain', 'Wait'] },
      { msg: 'customize', parent: whom },
      { msg: 'observe', parent: whom },
    ],
  )
  t.notMatch(lines.join(''), /spec text/)
})

t.test('health, readiness and metrics', async t => {
  t.test('are open while the hooks ask for a token', async t => {
    const app = service(t, { tokens: () => ['t0ken'] })
    for (const url of ['/healthz', '/readyz', '/metrics']) {
      t.equal((await app.inject(url)).statusCode, 200, url)
    }
  })

  t.test('count calls by hook and result, decisions by reason, and tell the version', async t => {
    const decisions = ['Drain', 'Drain'].map(reason => ({ reason, message: '' }))
    const app = service(t, { reconcile: () => ({ response: answer, decisions }) })
    await post(app, '/jitsi/sync', request)
    await post(app, '/jitsi/sync', {})
    await post(app, '/jitsi/customize', request)
    const { body, headers } = await app.inject('/metrics')
    t.match(headers['content-type'], /^text\/plain/)
    for (const line of [
      'jitsi_operator_hook_duration_seconds_count{hook="sync",result="ok"} 1',
      'jitsi_operator_hook_duration_seconds_count{hook="sync",result="refused"} 1',
      'jitsi_operator_hook_duration_seconds_count{hook="customize",result="ok"} 1',
      'jitsi_operator_decisions_total{reason="Drain"} 2',
      'jitsi_operator_build_info{version="1.2.3",',
      'process_cpu_seconds_total',
    ]) {
      t.ok(body.includes(line), line)
    }
    t.notMatch(body, /meet|school/, 'and not about whom')
  })

  t.test('of one service know nothing of another in the same process', async t => {
    await post(service(t), '/jitsi/sync', request)
    t.notMatch((await service(t).inject('/metrics')).body, /hook="sync"/)
  })
})

t.test('a caller of the hooks needs the bearer token, if there is one', async t => {
  let tokens = ['old-token']
  const url = '/jitsi/sync'
  const app = service(t, { tokens: () => tokens })
  const cases = [
    { name: 'no header', header: undefined, status: 401 },
    { name: 'another scheme', header: 'Basic b2xkLXRva2Vu', status: 401 },
    { name: 'a wrong token', header: 'Bearer old-tokem', status: 401 },
    { name: 'a part of the token', header: 'Bearer old', status: 401 },
    { name: 'no token', header: 'Bearer ', status: 401 },
    { name: 'the token', header: 'Bearer old-token', status: 200 },
    { name: 'the token, scheme in lower case', header: 'bearer old-token', status: 200 },
  ]
  for (const { name, header, status } of cases) {
    t.test(name, async t => {
      const headers = header === undefined ? {} : { authorization: header }
      const reply = await app.inject({ method: 'POST', url, payload: request, headers })
      t.equal(reply.statusCode, status)
      if (status === 200) return
      t.match(reply.json().message, /^[A-Z].+\.$/)
      t.equal(reply.headers['www-authenticate'], 'Bearer')
    })
  }

  t.test('and the new one from the moment that it is in the file', async t => {
    tokens = ['new-token', 'old-token']
    for (const token of tokens) {
      const headers = { authorization: `Bearer ${token}` }
      const reply = await app.inject({
        method: 'POST',
        url: '/jitsi/sync',
        payload: request,
        headers,
      })
      t.equal(reply.statusCode, 200)
    }
  })
})
