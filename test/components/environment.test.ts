import { readFileSync } from 'node:fs'
import type { PodSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import { environment, runtimeSettings } from '../../src/components/environment.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { type Component, knows } from '../../src/settings/settings.ts'
import { settle } from '../support/cluster.ts'
import { context, jitsi, request } from '../support/fixtures.ts'
import { goldenCases, goldenNodes } from '../support/golden-cases.ts'

const environmentFor = (component: Component, spec: object, own = {}) =>
  environment(context({ spec }), component, own)

/** Names that no image list has, each with its reader. */
const documented = new Set([
  // s6-overlay, the images' init.
  ...Object.keys(runtimeSettings),
  // The Java virtual machine of jvb and jicofo.
  'JAVA_TOOL_OPTIONS',
  // Chrome, and the script of ours that calls rclone, beside jibri.
  'DISPLAY',
  'RECORDING_TARGET',
])

/** Rclone takes every option from its environment. */
const isDocumented = (name: string) => documented.has(name) || name.startsWith('RCLONE_')

const lists = ['web', 'prosody', 'jicofo', 'jvb', 'jibri', 'jigasi', 'transcriber'] as const

const gatheredOf = (list: string) =>
  new Set(
    readFileSync(`test/settings/image-environment/${list}.txt`, 'utf8').split('\n').filter(Boolean),
  )

/** What each image reads, gathered by hand from docker-jitsi-meet: no part of src made these. */
const gathered = new Map([
  ...lists.map(list => [list as string, gatheredOf(list)] as const),
  ['visitors', gatheredOf('prosody')] as const,
])

/** What images of other projects read, from their own documentation. */
const others: Record<string, readonly string[]> = {
  coturn: ['TURN_CREDENTIALS'],
  etherpad: [
    'TITLE',
    'DEFAULT_PAD_TEXT',
    'SKIN_NAME',
    'SUPPRESS_ERRORS_IN_PAD_TEXT',
    'TRUST_PROXY',
  ],
  whiteboard: ['NODE_ENV'],
  // opus-transcriber-proxy; the other images of captions are jigasi's.
  transcriber: ['HOST', 'PORT'],
  // A container of ours with prosody's image; the name is for its script.
  accounts: ['XMPP_DOMAIN'],
}

/** What no example shows, since it is on its way out. */
const captionsByJigasi = {
  name: 'captions by jigasi',
  first: request({
    jitsi: jitsi({
      spec: { transcriber: { enabled: true, service: 'vosk', url: 'ws://vosk.example.org' } },
    }),
  }),
}

function podSpecOf(object: KubeObject): PodSpec | undefined {
  if (object.kind === 'Pod') return (object as Pod).spec
  return object.kind === 'Deployment' ? (object as Deployment).spec?.template.spec : undefined
}

const isRead = (container: string, name: string) =>
  others[container]?.includes(name) ||
  (gathered.has(container) &&
    (isDocumented(name) ||
      (knows(container as Component, name) && gathered.get(container)?.has(name))))

t.test('every name that we hand to a container is one that it reads', async t => {
  const seen = new Set<string>()
  for (const { name: golden, first } of [...goldenCases(), captionsByJigasi]) {
    const { children } = settle(first, { nodes: goldenNodes }).answer
    const unread = children
      .flatMap(child => podSpecOf(child)?.containers ?? [])
      .flatMap(({ name: container, env = [] }) => {
        if (env.length > 0) seen.add(container)
        return env
          .filter(({ name }) => !isRead(container, name))
          .map(({ name }) => `${container}: ${name}`)
      })
    t.strictSame(unread, [], golden)
  }
  const all = new Set([...gathered.keys(), ...Object.keys(others)])
  t.strictSame([...seen].sort(), [...all].sort(), 'all of them')
})

t.test('what we know of the images agrees with what was gathered by hand', async t => {
  const unknown = lists.flatMap(list =>
    [...gatheredOf(list)].filter(name => !knows(list, name)).map(name => `${list} ${name}`),
  )
  // In the compose file, and read by no script or template of the image.
  const unread = readFileSync('test/settings/image-environment/unread.txt', 'utf8')
  t.strictSame(unknown.sort(), unread.trim().split('\n').sort())
})

t.test('an environment', async t => {
  const names = (spec: object, own = {}) =>
    environmentFor('prosody', spec, own).map(({ name }) => name)

  t.test('is sorted, so that the order in a manifest rolls nothing', async t => {
    const one = { variables: { MAX_PARTICIPANTS: '50', ENABLE_LOBBY: '1' } }
    const other = { variables: { ENABLE_LOBBY: '1', MAX_PARTICIPANTS: '50' } }
    t.strictSame(names(one), [...names(one)].sort())
    t.strictSame(environmentFor('prosody', one), environmentFor('prosody', other))
  })
  t.test('has each name once', async t => {
    const env = [{ name: 'TZ', value: 'Asia/Tokyo' }]
    const all = names({ prosody: { env }, variables: { TZ: 'UTC' } })
    t.strictSame(all, [...new Set(all)])
  })
  t.test('is as the API server gives it back, or it would be written at every call', async t => {
    const divisor = { resource: 'limits.cpu', divisor: '1000m' }
    const env = [
      { name: 'OWN', value: '' },
      { name: 'CPUS', valueFrom: { resourceFieldRef: divisor } },
    ]
    const found = environmentFor('prosody', { prosody: { env }, variables: { LOG_LEVEL: '' } })
    const of = (wanted: string) => found.find(({ name }) => name === wanted)
    t.strictSame(of('LOG_LEVEL'), { name: 'LOG_LEVEL' })
    t.strictSame(of('OWN'), { name: 'OWN' })
    t.equal(of('CPUS')?.valueFrom?.resourceFieldRef?.divisor, '1')
  })
  t.test('has passwords by reference only', async t => {
    const passwords = environmentFor('prosody', {}).filter(({ name }) => /PASSWORD$/.test(name))
    t.ok(passwords.length >= 2)
    for (const { name, value, valueFrom } of passwords) {
      t.equal(value, undefined)
      t.strictSame(valueFrom, { secretKeyRef: { name: 'meet', key: name } })
    }
  })
})

t.test('a variable', async t => {
  const settingOf = (component: Component, spec: object, wanted: string) =>
    environmentFor(component, spec).find(({ name }) => name === wanted)?.value

  t.test('goes to the components that read it, and to no other', async t => {
    const spec = { variables: { ENABLE_LOBBY: '1' } }
    t.equal(settingOf('prosody', spec, 'ENABLE_LOBBY'), '1')
    t.equal(settingOf('jvb', spec, 'ENABLE_LOBBY'), undefined)
  })
  t.test('that several read is the same for all of them', async t => {
    const spec = { variables: { XMPP_MUC_DOMAIN: 'rooms.meet.jitsi' } }
    for (const component of ['web', 'prosody', 'jicofo'] as const) {
      t.equal(settingOf(component, spec, 'XMPP_MUC_DOMAIN'), 'rooms.meet.jitsi', component)
    }
  })
  t.test('does not decide what a field decides', async t => {
    const spec = { timezone: 'Europe/Paris', variables: { TZ: 'UTC', JVB_PORT: '1' } }
    t.equal(settingOf('jvb', spec, 'TZ'), 'Europe/Paris')
    t.equal(settingOf('jvb', spec, 'JVB_PORT'), undefined, 'that is the bridge’s own to say')
  })
  t.test('never stands in for a password', async t => {
    t.equal(
      settingOf('jvb', { variables: { JVB_AUTH_PASSWORD: 'x' } }, 'JVB_AUTH_PASSWORD'),
      undefined,
    )
  })
  t.test('decides over a default of ours', async t => {
    const env = environment(
      context({ spec: { variables: { VIDEOBRIDGE_MAX_MEMORY: '8192m' } } }),
      'jvb',
      { VIDEOBRIDGE_MAX_MEMORY: '1536m' },
    )
    t.equal(env.find(({ name }) => name === 'VIDEOBRIDGE_MAX_MEMORY')?.value, '8192m')
  })
})

t.test('the env of a component has the last word, names unknown to us too', async t => {
  const env = [
    { name: 'ENABLE_OCTO', value: '0' },
    { name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'url' } } },
  ]
  const all = environmentFor('jvb', { jvb: { env } })
  t.strictSame(
    all.filter(({ name }) => name === 'ENABLE_OCTO'),
    [{ name: 'ENABLE_OCTO', value: '0' }],
  )
  t.strictSame(all.at(-1), env[1])
})

t.test('jicofo and bridges agree on what they must agree on', async t => {
  const of = (component: Component) =>
    new Map(environmentFor(component, {}).map(({ name, value }) => [name, value]))
  const [jicofo, jvb, prosody] = [of('jicofo'), of('jvb'), of('prosody')]
  for (const name of [
    'ENABLE_OCTO',
    'JVB_BREWERY_MUC',
    'XMPP_INTERNAL_MUC_DOMAIN',
    'XMPP_AUTH_DOMAIN',
  ]) {
    t.ok(jicofo.get(name), name)
    t.equal(jvb.get(name), jicofo.get(name), name)
  }
  t.equal(prosody.get('XMPP_INTERNAL_MUC_DOMAIN'), jicofo.get('XMPP_INTERNAL_MUC_DOMAIN'))
})
