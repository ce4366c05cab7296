import t from 'tap'
import { passwordKeys } from '../../src/components/passwords.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { find, passwords, rendered } from './rendered.ts'

/** Names of the Secrets that a workload reads its shared passwords from. */
function read(object: KubeObject): string[] {
  const spec =
    object.kind === 'Pod' ? (object as Pod).spec : (object as Deployment).spec?.template?.spec
  const references = (spec?.containers ?? [])
    .flatMap(({ env }) => env ?? [])
    .filter(({ name }) => (passwordKeys as readonly string[]).includes(name))
    .map(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? 'clear text')
  return [...new Set(references)]
}

const copiesIn = (objects: KubeObject[]) =>
  objects.filter(({ kind, metadata }) => kind === 'Secret' && /-passwords-/.test(metadata.name))

const data = passwords.data as Record<string, string>
const changed = { ...passwords, data: { ...data, JVB_AUTH_PASSWORD: 'Y2hhbmdlZA==' } }

const everything = {
  jigasi: {
    enabled: true,
    sip: {
      uri: '4930@sip.example.org',
      server: 'sip.example.org',
      password: { name: 'sip', key: 'password' },
    },
  },
  transcriber: { enabled: true, service: 'whisper', url: 'ws://whisper:8000' },
  coturn: { enabled: true, host: 'turn.example.org' },
  visitors: { enabled: true },
  jibri: { enabled: true },
}

t.test('all components read one immutable copy of the Secret', async t => {
  const objects = rendered(everything)
  const [copy, ...others] = copiesIn(objects)
  t.match(copy, { immutable: true, data })
  t.strictSame(others, [])
  const readers = objects.filter(object => read(object).length > 0)
  t.ok(readers.length >= 8)
  for (const reader of readers) {
    t.strictSame(read(reader), [copy?.metadata.name], reader.metadata.name)
  }
})

t.test('other passwords have another name, and so have those of another Jitsi', async t => {
  const nameOf = (objects: KubeObject[]) => copiesIn(objects)[0]?.metadata.name
  t.not(nameOf(rendered({}, { children: [changed] })), nameOf(rendered()))
  t.notMatch(nameOf(rendered()), /changed|kept/)
})

t.test('changed passwords are for prosody and jicofo at once, and for nobody before', async t => {
  const before = rendered()
  const [old] = copiesIn(before)
  const running = before.map(object =>
    object.kind === 'Deployment'
      ? { ...object, status: { availableReplicas: 1 } }
      : object.metadata.name === 'meet' && object.kind === 'Secret'
        ? changed
        : object,
  )
  const names = (objects: KubeObject[]) =>
    ['prosody', 'jicofo'].map(part => read(find(objects, 'Deployment', `meet-${part}`)))
  const waiting = rendered({}, { children: running })
  t.strictSame(names(waiting), [[old?.metadata.name], [old?.metadata.name]])
  const at = rendered({ disableGracefulUpgrade: true }, { children: running })
  const [next] = copiesIn(at).filter(({ metadata }) => metadata.name !== old?.metadata.name)
  t.strictSame(names(at), [[next?.metadata.name], [next?.metadata.name]])
  t.equal(copiesIn(at).length, 2, 'the old one stays for the bridges that were started with it')
})

t.test('changed passwords wait while prosody is left as it is for something missing', async t => {
  const before = rendered()
  const [old] = copiesIn(before)
  const running = before.map(object =>
    object.kind === 'Secret' && object.metadata.name === 'meet' ? changed : object,
  )
  const spec = { prosody: { customProsodyConfigCM: { name: 'gone' } } }
  const objects = rendered({ ...spec, disableGracefulUpgrade: true }, { children: running })
  for (const part of ['prosody', 'jicofo']) {
    t.strictSame(read(find(objects, 'Deployment', `meet-${part}`)), [old?.metadata.name], part)
  }
})

t.test('a Secret of the user’s is copied as far as it has the keys', async t => {
  const spec = { existingSecret: { name: 'vault' } }
  const vault: KubeObject = {
    ...passwords,
    metadata: { name: 'vault', namespace: 'school' },
    data: { JVB_AUTH_PASSWORD: 'YQ==', JICOFO_AUTH_PASSWORD: 'Yg==', OTHER: 'Yw==' },
  }
  const objects = rendered(spec, { related: [vault] })
  t.strictSame(copiesIn(objects)[0]?.data, {
    JICOFO_AUTH_PASSWORD: 'Yg==',
    JVB_AUTH_PASSWORD: 'YQ==',
  })
  t.test('and what runs goes on with the copy when it is gone', async t => {
    const later = rendered(spec, { children: objects })
    t.strictSame(
      later.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    )
  })
})
