import t from 'tap'
import { relatedRules } from '../../src/core/related.ts'
import type { Deployment, KubeObject } from '../../src/kube/types.ts'
import { changes, environmentOf, find, planned, rendered, request } from './rendered.ts'

const components = ['web', 'prosody', 'jicofo']
const settings = (objects: KubeObject[], component: string) =>
  environmentOf(find(objects, 'Deployment', `meet-${component}`))

const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } })
const keys = (name: string, ...names: string[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'school' },
  data: Object.fromEntries(names.map(key => [key, 'eA=='])),
})

const cases = [
  {
    name: 'anonymous says nothing, so that older manifests may',
    auth: {},
    want: { web: { ENABLE_AUTH: undefined }, prosody: { AUTH_TYPE: undefined }, jicofo: {} },
  },
  {
    name: 'internal accounts, with guests',
    auth: { type: 'internal', guests: true, users: { name: 'teachers' }, loginLifetime: '12h' },
    want: {
      web: { ENABLE_AUTH: '1', ENABLE_GUESTS: '1' },
      prosody: { ENABLE_AUTH: '1', AUTH_TYPE: 'internal', ENABLE_GUESTS: '1' },
      jicofo: { ENABLE_AUTH: '1', AUTH_TYPE: 'internal', JICOFO_AUTH_LIFETIME: '43200 seconds' },
    },
  },
  {
    name: 'tokens, signed with a shared key',
    auth: {
      type: 'jwt',
      jwt: {
        appId: 'moodle',
        secret: { name: 'moodle', key: 'key' },
        acceptedIssuers: ['moodle', 'ilias'],
        loginUrl: 'https://login.example.org/{room}',
      },
    },
    related: [keys('moodle', 'key')],
    want: {
      web: { TOKEN_AUTH_URL: 'https://login.example.org/{room}', JWT_APP_SECRET: undefined },
      prosody: {
        JWT_APP_ID: 'moodle',
        JWT_APP_SECRET: secret('moodle', 'key'),
        JWT_ACCEPTED_ISSUERS: 'moodle,ilias',
        JWT_ALLOW_EMPTY: '0',
      },
      jicofo: { AUTH_TYPE: 'jwt' },
    },
  },
  {
    name: 'a directory, whose certificate is checked',
    auth: {
      type: 'ldap',
      ldap: {
        url: 'ldaps://ldap.example.org',
        base: 'dc=example,dc=org',
        bindDn: 'cn=jitsi',
        bindPassword: { name: 'ldap', key: 'password' },
        caConfigMap: { name: 'campus-ca' },
      },
    },
    related: [keys('ldap', 'password'), { ...keys('campus-ca', 'ca.crt'), kind: 'ConfigMap' }],
    want: {
      web: { ENABLE_AUTH: '1' },
      prosody: {
        LDAP_URL: 'ldaps://ldap.example.org',
        LDAP_BINDPW: secret('ldap', 'password'),
        LDAP_FILTER: '(uid=%u)',
        LDAP_USE_TLS: '1',
        LDAP_TLS_CHECK_PEER: '1',
        LDAP_TLS_CACERT_FILE: '/etc/jitsi-operator/ldap/ca.crt',
      },
      jicofo: { AUTH_TYPE: 'ldap' },
    },
  },
  {
    name: 'Matrix accounts',
    auth: {
      type: 'matrix',
      matrix: { url: 'https://uvs.example.org', token: { name: 'uvs', key: 'token' } },
    },
    related: [keys('uvs', 'token')],
    want: {
      web: { ENABLE_AUTH: '1' },
      prosody: {
        AUTH_TYPE: 'matrix',
        MATRIX_UVS_URL: 'https://uvs.example.org',
        MATRIX_UVS_AUTH_TOKEN: secret('uvs', 'token'),
      },
      jicofo: { AUTH_TYPE: 'matrix' },
    },
  },
]

for (const { name, auth, related = [], want } of cases) {
  t.test(name, async t => {
    const objects = rendered({ auth }, { related })
    for (const component of components) {
      const found = settings(objects, component)
      const wanted: Record<string, unknown> = want[component as 'web']
      const shown = Object.fromEntries(Object.keys(wanted).map(key => [key, found[key]]))
      t.strictSame(shown, wanted, component)
    }
  })
}

t.test('no bridge changes because people have to log in', async t => {
  const [before, after] = [
    rendered(),
    rendered({ auth: { type: 'internal', users: { name: 'u' } } }),
  ]
  t.strictSame(changes(before, after), [
    'Deployment/meet-jicofo',
    'Deployment/meet-prosody',
    'Deployment/meet-web',
  ])
  t.strictSame(changes(before, rendered({ auth: { type: 'anonymous' } })), [], 'and back again')
})

t.test('a variable that contradicts a field is reported and has no effect', async t => {
  const spec = {
    auth: { type: 'internal', users: { name: 'u' } },
    variables: { AUTH_TYPE: 'ldap' },
  }
  const { response } = planned(spec)
  t.equal(settings(response.children, 'prosody').AUTH_TYPE, 'internal')
  const conditions = response.status.conditions as { type: string; message: string }[]
  const { message } = conditions.find(({ type }) => type === 'ConfigurationValid') ?? {}
  t.match(message, 'spec.variables.AUTH_TYPE: it is worked out from spec.auth.type')
})

t.test('the variables of older manifests hold where no field says otherwise', async t => {
  const { response } = planned({ variables: { ENABLE_AUTH: '1', AUTH_TYPE: 'internal' } })
  t.match(settings(response.children, 'prosody'), { ENABLE_AUTH: '1', AUTH_TYPE: 'internal' })
  t.match(response.status, {
    conditions: [{ type: 'Ready' }, { type: 'ConfigurationValid', status: 'True' }],
  })
})

t.test('accounts', async t => {
  const template = (spec: object) =>
    find<Deployment>(rendered(spec), 'Deployment', 'meet-prosody').spec?.template
  const users = { auth: { type: 'internal', users: { name: 'teachers' } } }

  t.test('are kept by a container beside prosody, and not shown to prosody', async t => {
    const { containers = [], volumes = [] } = template(users)?.spec ?? {}
    t.strictSame(
      containers.map(({ name }) => name),
      ['prosody', 'accounts'],
    )
    t.match(
      volumes.find(({ name }) => name === 'accounts'),
      { secret: { secretName: 'teachers' } },
    )
    const mounts = containers.map(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name))
    t.notOk(mounts[0]?.includes('accounts'))
    t.ok(mounts[1]?.includes('data'), 'prosody’s socket is in its data folder')
  })

  t.test('are not watched: a new password restarts nothing', async t => {
    const rules = relatedRules(request(users).parent)
    t.notMatch(JSON.stringify(rules), 'teachers')
  })
})

t.test('a key that tokens are signed with', async t => {
  const auth = { type: 'jwt', jwt: { appId: 'moodle', secret: { name: 'moodle', key: 'key' } } }
  const hash = (related: KubeObject[]) =>
    find<Deployment>(rendered({ auth }, { related }), 'Deployment', 'meet-prosody').spec?.template
      .metadata?.annotations?.['apps.jit.si/content-hash']

  t.test('rolls prosody when it changes, since it is read at start', async t => {
    const changed = { ...keys('moodle', 'key'), data: { key: 'eQ==' } }
    t.not(hash([keys('moodle', 'key')]), hash([changed]))
  })

  t.test('is watched by name', async t => {
    const rules = relatedRules(request({ auth }).parent)
    t.match(
      rules.find(({ resource }) => resource === 'secrets'),
      { names: ['meet', 'moodle'], namespace: 'school' },
    )
  })

  t.test('leaves prosody alone while it is missing', async t => {
    const running = rendered({})
    const { response } = planned({ auth }, { children: running })
    t.strictSame(changes(running, response.children).includes('Deployment/meet-prosody'), false)
    t.match(JSON.stringify(response.status.conditions), 'Secret moodle not found')
  })
})
