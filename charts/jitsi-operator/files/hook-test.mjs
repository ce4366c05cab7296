// Calls the hooks as Metacontroller does, and as nobody should be able to. Runs in the Pod of
// `helm test` and against the built image; needs URL, and CA_FILE and TOKEN_FILE where they are on.
import { readFileSync } from 'node:fs'
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

const { URL: base, CA_FILE, TOKEN_FILE } = process.env
const ca = CA_FILE && readFileSync(CA_FILE)
const token = TOKEN_FILE && readFileSync(TOKEN_FILE, 'utf8').trim()

const parent = {
  apiVersion: 'apps.jit.si/v1alpha1',
  kind: 'Jitsi',
  metadata: { name: 'helm-test', namespace: 'helm-test', uid: 'helm-test', generation: 1 },
  spec: { domain: 'meet.example.org' },
}

function call(path, { body, credential = token } = {}) {
  const send = base.startsWith('https:') ? overHttps : overHttp
  const headers = {
    'content-type': 'application/json',
    ...(credential && { authorization: `Bearer ${credential}` }),
  }
  return new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET'
    const sent = send(new URL(path, base), { method, headers, ca, timeout: 10_000 }, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')))
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

const checks = {
  'the service is ready': async () => (await call('/readyz')).status === 200,
  'POST /jitsi/sync answers children and a status': async () => {
    const { status, text } = await call('/jitsi/sync?rev=test', {
      body: { controller: {}, parent, children: {}, related: {}, finalizing: false },
    })
    const { children, status: jitsiStatus } = JSON.parse(text)
    return status === 200 && children.length > 0 && typeof jitsiStatus === 'object'
  },
  'POST /jitsi/customize answers related resources': async () => {
    const { status, text } = await call('/jitsi/customize', { body: { controller: {}, parent } })
    return status === 200 && Array.isArray(JSON.parse(text).relatedResources)
  },
  ...(token && {
    'a wrong token is refused': async () => {
      const body = { controller: {}, parent }
      return (await call('/jitsi/customize', { body, credential: 'wrong' })).status === 401
    },
  }),
}

let failed = 0
for (const [name, check] of Object.entries(checks)) {
  const problem = await check().then(
    fine => (fine ? '' : 'not so'),
    error => error.message,
  )
  if (problem) failed += 1
  process.stdout.write(`${problem ? 'not ok' : 'ok'} - ${name}${problem && `: ${problem}`}\n`)
}
process.exitCode = failed > 0 ? 1 : 0
