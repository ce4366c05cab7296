import t from 'tap'
import { accountKeys } from '../../src/components/passwords.ts'
import { keyOf } from '../../src/kube/observed.ts'
import type { Deployment, Secret } from '../../src/kube/types.ts'
import { fullSpec, renderedFull } from './full-jitsi.ts'
import { changes, environmentOf, find, planned, rendered } from './rendered.ts'

/*
 * Manifests of the first operator have secrets among their variables. They go on working, but no
 * Deployment and no Pod shows them.
 */

const variables = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'jwt',
  JWT_APP_ID: 'a',
  JWT_APP_SECRET: 'swordfish',
}
const running = rendered({ variables })
const encoded = (text: string) => Buffer.from(text).toString('base64')

t.test('a secret among the variables reaches its component through a Secret', async t => {
  t.match(environmentOf(find(running, 'Deployment', 'meet-prosody')), {
    JWT_APP_ID: 'a',
    JWT_APP_SECRET: { secretKeyRef: { name: 'meet-variables', key: 'JWT_APP_SECRET' } },
  })
  const { data } = find<Secret>(running, 'Secret', 'meet-variables')
  t.strictSame(data, { JWT_APP_SECRET: encoded('swordfish') })
  const others = running.filter(({ kind }) => kind !== 'Secret')
  t.notMatch(JSON.stringify(others), /swordfish/)
})

t.test('there is no such Secret without one', async t => {
  const names = rendered().map(({ metadata }) => metadata.name)
  t.notOk(names.includes('meet-variables'))
})

t.test('another value restarts what reads it, and nothing else', async t => {
  const changed = rendered({ variables: { ...variables, JWT_APP_SECRET: 'trout' } })
  t.strictSame(changes(running, changed), ['Deployment/meet-prosody', 'Secret/meet-variables'])
})

t.test('what a Pod was started with stays as long as it is there', async t => {
  const moved = rendered({}, { children: running })
  const { spec } = find<Deployment>(running, 'Deployment', 'meet-prosody')
  t.match(JSON.stringify(spec), 'meet-variables', 'prosody was started with it')
  t.strictSame(find<Secret>(moved, 'Secret', 'meet-variables').data, {
    JWT_APP_SECRET: encoded('swordfish'),
  })
  const settled = rendered({}, { children: moved.map(object => withoutReference(object)) })
  t.notOk(settled.some(({ metadata }) => metadata.name === 'meet-variables'))
})

/** What the plan says of prosody once it has been restarted without the secret. */
function withoutReference<T extends { kind: string; metadata: { name: string } }>(object: T): T {
  const fresh = rendered().find(
    ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name,
  )
  return object.kind === 'Deployment' && fresh ? (fresh as unknown as T) : object
}

t.test('the condition says where it belongs, and never what it is', async t => {
  const cases = [
    { name: 'JWT_APP_SECRET', want: /spec\.auth\.jwt\.secret; until then it is handed on/ },
    { name: 'TURN_CREDENTIALS', want: /spec\.turn\.secret/ },
    { name: 'GC_PRIVATE_KEY', want: /env of its component/ },
    { name: 'JVB_AUTH_PASSWORD', want: /this one is not used, name a Secret/ },
    { name: 'MY_OWN_SECRET', want: /no image of stable-11146-2 reads this one/ },
  ]
  for (const { name, want } of cases) {
    const { status } = planned({ variables: { [name]: 'swordfish' } }).response
    t.match(JSON.stringify(status), want, name)
    t.notMatch(JSON.stringify(status), /swordfish/, name)
  }
})

t.test('a password of a component is taken from the Secret of the passwords alone', async t => {
  const given = Object.fromEntries(
    Object.values(accountKeys).flatMap(keys => keys.map(key => [key, 'swordfish'])),
  )
  const vosk = { enabled: true, service: 'vosk', url: 'ws://vosk:2700' }
  const cases: { name: string; spec: Record<string, unknown> }[] = [
    { name: 'nothing else is on', spec: {} },
    { name: 'recording is on', spec: { jibri: { enabled: true } } },
    { name: 'the telephone is on', spec: { jigasi: { enabled: true } } },
    { name: 'captions by jigasi are on', spec: { transcriber: vosk } },
    { name: 'visitors are on', spec: { visitors: { enabled: true } } },
    { name: 'everything is on', spec: fullSpec },
  ]
  for (const { name, spec } of cases) {
    const objects = renderedFull({ ...spec, variables: { ...Object(spec.variables), ...given } })
    const shown = objects.filter(object => /swordfish|c3dvcmRmaXNo/.test(JSON.stringify(object)))
    t.strictSame(shown.map(keyOf), [], name)
  }
})
