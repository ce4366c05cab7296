import t from 'tap'
import {
  isKnown,
  isSecret,
  knows,
  nearestKnown,
  settingProblems,
} from '../../src/settings/settings.ts'
import { settings } from '../../src/settings/stable-11146-2.ts'
import { valueRules } from '../../src/settings/values.ts'

const noFields = new Map<string, string>()
const advice = () => 'put it into a Secret'

t.test('knows what each image reads', async t => {
  const cases = [
    { component: 'web', name: 'ENABLE_LOBBY', want: false, why: 'the lobby is prosody’s' },
    { component: 'prosody', name: 'ENABLE_LOBBY', want: true, why: 'the lobby is prosody’s' },
    { component: 'jvb', name: 'VIDEOBRIDGE_MAX_MEMORY', want: true, why: 'jvb.sh reads it' },
    { component: 'jicofo', name: 'JICOFO_MAX_MEMORY', want: true, why: 'jicofo.sh reads it' },
    { component: 'jvb', name: 'LOCAL_ADDRESS', want: false, why: 'its script overwrites it' },
    {
      component: 'prosody',
      name: 'PROSODY_ADMINS',
      want: true,
      why: 'overwritten in one mode only',
    },
    { component: 'jigasi', name: 'JIGASI_SIP_URI', want: true, why: 'the SIP gateway calls' },
    { component: 'transcriber', name: 'JIGASI_SIP_URI', want: false, why: 'it never calls' },
    { component: 'web', name: 'CODEC_ORDER_P2P', want: false, why: 'its template forgot it' },
    { component: 'web', name: 'constructor', want: false, why: 'every object has one' },
  ] as const
  for (const { component, name, want, why } of cases) {
    t.equal(knows(component, name), want, `${component} ${name}: ${why}`)
  }
})

t.test('knows what an image takes a setting for', async t => {
  t.match(settings.web, {
    DISABLE_HTTPS: 'flag',
    ENABLE_PREJOIN_PAGE: 'boolean',
    RESOLUTION: 'integer',
    NGINX_WORKER_PROCESSES: 'string',
    WHITEBOARD_COLLAB_SERVER_URL_BASE: 'string',
    TZ: 'string',
  })
  t.match(settings.prosody, { JWT_APP_SECRET: 'string', MAX_PARTICIPANTS: 'string' })
  t.match(settings.jvb, { SENTRY_DSN: 'string', JVB_XMPP_PORT: 'integer' })
})

t.test('lists names in order, each once', async t => {
  for (const component of ['web', 'prosody', 'jicofo', 'jvb', 'jibri', 'jigasi'] as const) {
    const names = Object.keys(settings[component])
    t.strictSame(names, [...new Set(names)].sort(), component)
  }
})

t.test('finds the setting that was meant', async t => {
  t.equal(nearestKnown('ENABLE_LOBY'), 'ENABLE_LOBBY')
  t.equal(nearestKnown('enable_lobby'), 'ENABLE_LOBBY', 'whatever the case')
  t.equal(nearestKnown('WHAT_EVER_THIS_MAY_BE'), undefined)
})

t.test('tells secrets by their name', async t => {
  const secrets = ['JVB_AUTH_PASSWORD', 'JWT_APP_SECRET', 'TURN_CREDENTIALS', 'LDAP_BINDPW']
  const more = ['MATRIX_UVS_AUTH_TOKEN', 'GC_PRIVATE_KEY', 'JIBRI_RECORDER_PASSWORD']
  const open = ['TOKEN_AUTH_URL', 'GC_PRIVATE_KEY_ID', 'ROOM_PASSWORD_DIGITS', 'DROPBOX_APPKEY']
  for (const name of [...secrets, ...more]) t.ok(isSecret(name), name)
  for (const name of open) t.notOk(isSecret(name), name)
})

t.test('reports what is wrong with a setting', async t => {
  const cases = [
    { name: 'a switch', variables: { ENABLE_LOBBY: 'true' }, want: [] },
    { name: 'a switch as a number', variables: { ENABLE_LOBBY: '0' }, want: [] },
    { name: 'a flag', variables: { DISABLE_HTTPS: '1' }, want: [] },
    { name: 'an empty value, which counts as none', variables: { RESOLUTION: '' }, want: [] },
    {
      name: 'a word that the image takes for true',
      variables: { ENABLE_LOBBY: 'off' },
      want: [
        'SettingInvalid: spec.variables.ENABLE_LOBBY: got "off", allowed is true, false, 1 or 0',
      ],
    },
    {
      name: 'a word where a script compares with 1',
      variables: { DISABLE_HTTPS: 'true' },
      want: [
        'SettingInvalid: spec.variables.DISABLE_HTTPS: got "true", allowed is 1 or 0 (the image reads “true” as 0 here)',
      ],
    },
    {
      name: 'a number with a unit',
      variables: { RESOLUTION: '720p' },
      want: ['SettingInvalid: spec.variables.RESOLUTION: got "720p", allowed is a whole number'],
    },
    {
      name: 'memory as Kubernetes has it, with which the JVM would not start',
      variables: { VIDEOBRIDGE_MAX_MEMORY: '3Gi', JICOFO_MAX_MEMORY: '2g' },
      want: [
        'SettingInvalid: spec.variables.VIDEOBRIDGE_MAX_MEMORY: got "3Gi", allowed is a size as the JVM has it, such as 3072m or 8g',
      ],
    },
    {
      name: 'a word of which the image makes another way to log in',
      variables: { AUTH_TYPE: 'oidc' },
      want: [
        'SettingInvalid: spec.variables.AUTH_TYPE: got "oidc", allowed is internal, jwt, ldap, matrix, hybrid_matrix_token',
      ],
    },
    {
      name: 'an address without its beginning, with which nginx would not start',
      variables: { ETHERPAD_URL_BASE: 'etherpad:9001', TURN_TRANSPORT: 'udp,tcp' },
      want: [
        'SettingInvalid: spec.variables.ETHERPAD_URL_BASE: got "etherpad:9001", allowed is an address with http:// or https://',
      ],
    },
    {
      name: 'a switch that one of two images checks',
      variables: { ENABLE_AUTH: 'yes' },
      want: [
        'SettingInvalid: spec.variables.ENABLE_AUTH: got "yes", allowed is true, false, 1 or 0',
      ],
    },
    {
      name: 'a slip of the pen',
      variables: { ENABLE_LOBY: '1' },
      want: [
        'SettingUnknown: spec.variables.ENABLE_LOBY: no image of stable-11146-2 reads it; did you mean ENABLE_LOBBY?',
      ],
    },
    {
      name: 'a name that is like none',
      variables: { THE_ANSWER_TO_EVERYTHING: '42' },
      want: [
        'SettingUnknown: spec.variables.THE_ANSWER_TO_EVERYTHING: no image of stable-11146-2 reads it',
      ],
    },
    {
      name: 'a setting that we write',
      variables: { XMPP_DOMAIN: 'meet.example.org' },
      want: [
        'SettingHasField: spec.variables.XMPP_DOMAIN: it is worked out from spec.domain; change that instead',
      ],
    },
    {
      name: 'several, by name',
      variables: { RESOLUTION: 'x', ENABLE_LOBBY: 'x' },
      want: [
        'SettingInvalid: spec.variables.ENABLE_LOBBY: got "x", allowed is true, false, 1 or 0',
        'SettingInvalid: spec.variables.RESOLUTION: got "x", allowed is a whole number',
      ],
    },
  ]
  const fields = new Map([['XMPP_DOMAIN', 'spec.domain']])
  for (const { name, variables, want } of cases) {
    t.test(name, async t => {
      const problems = settingProblems(variables as Record<string, string>, fields, advice)
      t.strictSame(
        problems.map(({ reason, message }) => `${reason}: ${message}`),
        want,
      )
    })
  }
})

t.test(
  'looks for what was meant by the first ten names only: somebody may write thousands',
  async t => {
    const letters = Array.from({ length: 500 }, (_, index) => String.fromCharCode(0x4e00 + index))
    const names = letters.map(letter => `ENABLE_LOBB${letter}`)
    const variables = Object.fromEntries(names.map(name => [name, '1']))
    const problems = settingProblems(variables, noFields, advice)
    t.equal(problems.length, 500, 'all are reported')
    t.strictSame(
      problems.flatMap(({ message }, index) => (/did you mean/.test(message) ? [index] : [])),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
  },
)

t.test('a sentence stays one, however long names and values are', async t => {
  const long = 'A'.repeat(10_000)
  const variables = { [long]: '1', ENABLE_LOBBY: long, [`${long}_PASSWORD`]: '1' }
  const sentences = settingProblems(variables, noFields, advice).map(({ message }) => message)
  t.equal(sentences.length, 3)
  for (const sentence of sentences) t.ok(sentence.length < 300, sentence.slice(0, 300))
})

t.test('never repeats a secret, known or not', async t => {
  const variables = { JVB_AUTH_PASSWORD: 'swordfish', MY_OWN_SECRET: 'swordfish' }
  const problems = settingProblems(variables, noFields, advice)
  t.match(problems, [
    { path: 'spec.variables.JVB_AUTH_PASSWORD', reason: 'SettingIsSecret' },
    { path: 'spec.variables.MY_OWN_SECRET', reason: 'SettingIsSecret' },
  ])
  t.notMatch(JSON.stringify(problems), /swordfish/)
})

t.test('rules for values are for settings that an image reads as text', async t => {
  for (const name of Object.keys(valueRules)) {
    t.ok(isKnown(name), name)
    for (const component of ['web', 'prosody', 'jicofo', 'jvb', 'jibri', 'jigasi'] as const) {
      t.match(settings[component][name] ?? 'string', 'string', `${component} ${name}`)
    }
  }
})
