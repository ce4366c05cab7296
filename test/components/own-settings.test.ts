import type { EnvVar, PodSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import { specProblems } from '../../src/core/problems.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { type Component, knows } from '../../src/settings/settings.ts'
import { context, find, rendered } from './rendered.ts'

/*
 * A variable that says something else than we do either counts, or is reported. Which of our
 * settings are mere defaults is listed here, so that nobody adds to them by accident.
 */

const secret = { name: 's', key: 'k' }
const everything = {
  metrics: true,
  auth: { type: 'jwt', jwt: { appId: 'a', secret } },
  meetings: { lobby: true, moderators: 'token', waitForHost: true },
  web: { customCloseConfigCM: { name: 'pages' } },
  jibri: {
    enabled: true,
    recording: false,
    livestreaming: true,
    bucket: { host: 'https://s3.example.org', name: 'films', secret: { name: 's' } },
  },
  jigasi: {
    enabled: true,
    sip: {
      uri: 'a@sip.example.org',
      server: 'sip.example.org',
      password: secret,
      defaultRoom: 'a',
    },
  },
  transcriber: { enabled: true, service: 'whisper', url: 'wss://speech.example.org' },
  coturn: { enabled: true, host: 'turn.example.org', tls: { name: 'tls' } },
  visitors: { enabled: true, replicas: 1 },
  etherpad: { enabled: true },
  whiteboard: { enabled: true },
}

/** Defaults of ours that a variable may change. */
const defaults = [
  'BRIDGE_STRESS_THRESHOLD',
  'DISABLE_AWS_HARVESTER',
  'DISPLAY',
  'ENABLE_XMPP_WEBSOCKET',
  'JAVA_TOOL_OPTIONS',
  'JIBRI_BREWERY_MUC',
  'JIBRI_RECORDER_USER',
  'JIBRI_XMPP_USER',
  'JICOFO_ENABLE_BRIDGE_HEALTH_CHECKS',
  'JICOFO_ENABLE_LOAD_REDISTRIBUTION',
  'JICOFO_MAX_MEMORY',
  'JIGASI_BREWERY_MUC',
  'JIGASI_TRANSCRIBER_ENABLE_SAVING',
  'JIGASI_TRANSCRIBER_USER',
  'JIGASI_XMPP_USER',
  'JVB_ADVERTISE_PRIVATE_CANDIDATES',
  'JVB_AUTH_USER',
  'JVB_BREWERY_MUC',
  'NGINX_WORKER_CONNECTIONS',
  'OCTO_BRIDGE_SELECTION_STRATEGY',
  'PROSODY_METRICS_ALLOWED_CIDR',
  'PROSODY_S2S_LIMIT',
  'VIDEOBRIDGE_MAX_MEMORY',
  'XMPP_AUTH_DOMAIN',
  'XMPP_DOMAIN',
  'XMPP_GUEST_DOMAIN',
  'XMPP_HIDDEN_DOMAIN',
  'XMPP_INTERNAL_MUC_DOMAIN',
  'XMPP_MUC_DOMAIN',
  'XMPP_MUC_MODULES',
]

const podSpecOf = (object: KubeObject): PodSpec | undefined =>
  object.kind === 'Pod' ? (object as Pod).spec : (object as Deployment).spec?.template?.spec

const parts = ['web', 'prosody', 'visitors', 'jicofo', 'jvb', 'jibri', 'jigasi', 'transcriber']

/** What the image of a container reads; visitors are on prosody's. */
const reads = (container: string, name: string) =>
  knows((container === 'visitors' ? 'prosody' : container) as Component, name)

/** Settings of Jitsi's own containers, by `container name`. */
function settingsIn(objects: readonly KubeObject[]): Map<string, EnvVar> {
  const containers = objects.flatMap(object => podSpecOf(object)?.containers[0] ?? [])
  return new Map(
    containers
      .filter(({ name }) => parts.includes(name))
      .flatMap(({ name: container, env = [] }) =>
        env
          .filter(({ name }) => reads(container, name))
          .map(setting => [`${container} ${setting.name}`, setting] as const),
      ),
  )
}

const ours = settingsIn(rendered(everything))
const names = [...new Set([...ours.values()].map(({ name }) => name))]
const variables = Object.fromEntries(names.map(name => [name, 'other']))
const contradicted = settingsIn(rendered({ ...everything, variables }))
const unused = new Set(
  specProblems(context({ ...everything, variables }))
    .minor.filter(({ reason }) => reason === 'SettingHasField' || reason === 'SettingIsSecret')
    .map(({ path }) => path.replace('spec.variables.', '')),
)

t.test('a variable either counts everywhere, or is reported', async t => {
  t.ok(names.length > 80, `${names.length} settings looked at`)
  for (const [at, { name }] of ours) {
    const counts = contradicted.get(at)?.value?.split(',').includes('other')
    t.not(Boolean(counts), unused.has(name), at)
  }
})

t.test('those that count are the ones listed here', async t => {
  const counting = [...ours.keys()].filter(at =>
    contradicted.get(at)?.value?.split(',').includes('other'),
  )
  t.strictSame([...new Set(counting.map(at => at.split(' ')[1]))].sort(), defaults)
})

t.test('accounts are kept where prosody looks for them, whatever the domain', async t => {
  const spec = {
    auth: { type: 'internal', users: { name: 'teachers' } },
    prosody: { persistence: { enabled: true } },
    variables: { XMPP_DOMAIN: 'school.example-2.org' },
  }
  const { spec: deployment } = find<Deployment>(rendered(spec), 'Deployment', 'meet-prosody')
  const [prosody, accounts] = deployment?.template.spec?.containers ?? []
  const folder = '/var/lib/prosody/data/school%2eexample%2d2%2eorg'
  t.ok(prosody?.volumeMounts?.some(({ mountPath }) => mountPath === folder))
  t.match(accounts, {
    env: [{ name: 'XMPP_DOMAIN', value: 'school.example-2.org' }],
    command: ['/bin/bash', '-c', new RegExp(`^known=${folder}/`, 'm')],
  })
})
