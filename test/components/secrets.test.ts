import t from 'tap'
import { passwordKeys } from '../../src/components/passwords.ts'
import { generatedSecret, passwordProblems } from '../../src/components/secrets.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { context, object } from '../support/fixtures.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A new password at each call, as in a cluster. */
function drawing() {
  const drawn: string[] = []
  return {
    drawn,
    draw: () => {
      drawn.push(`drawn-${drawn.length}`)
      return drawn.at(-1) ?? ''
    },
  }
}

const drawsNothing = () => {
  throw new Error('no password is to be drawn')
}

const secret = (name: string, data: Record<string, string>, fields: Partial<KubeObject> = {}) =>
  object('Secret', name, { data, ...fields })

const complete = Object.fromEntries(passwordKeys.map(key => [key, base64(key)]))

t.test('of a new Jitsi every password is drawn, each for itself', async t => {
  const { drawn, draw } = drawing()
  const [made] = generatedSecret(context(), draw)
  t.match(made, { kind: 'Secret', type: 'Opaque', metadata: { name: 'meet' } })
  const data = (made?.data ?? {}) as Record<string, string>
  t.ok(passwordKeys.every(key => data[key]))
  t.equal(new Set(Object.values(data)).size, drawn.length)
})

t.test('what is there is repeated to the letter, and only what is missing is drawn', async t => {
  const { drawn, draw } = drawing()
  const data = { JVB_AUTH_PASSWORD: 'b2xk', SOMEBODYS_OWN: 'YQ==' }
  const [made] = generatedSecret(context({ children: [secret('meet', data)] }), draw)
  t.match(made?.data, data)
  t.ok(passwordKeys.every(key => key in Object(made?.data)))
  t.equal(drawn.length, passwordKeys.length - 1)
})

t.test('an empty password counts as missing', async t => {
  const { draw } = drawing()
  const children = [secret('meet', { ...complete, JVB_AUTH_PASSWORD: '' })]
  const [made] = generatedSecret(context({ children }), draw)
  t.match(made, { data: { JVB_AUTH_PASSWORD: base64('drawn-0') } })
})

t.test('the keys of the first operator are among them, so its passwords are kept', async t => {
  const [made] = generatedSecret(context(), () => 'x')
  t.match(made, {
    data: {
      JICOFO_AUTH_PASSWORD: String,
      JICOFO_COMPONENT_SECRET: String,
      JVB_AUTH_PASSWORD: String,
      JIBRI_XMPP_PASSWORD: String,
      JIBRI_RECORDER_PASSWORD: String,
    },
  })
})

t.test(
  'a Secret of the user’s makes ours needless, and does not delete the one before',
  async t => {
    const spec = { existingSecret: { name: 'vault' } }
    t.strictSame(generatedSecret(context({ spec }), drawsNothing), [])
    const children = [secret('meet', { JVB_AUTH_PASSWORD: 'b2xk' })]
    t.match(generatedSecret(context({ spec, children }), drawsNothing), [
      { metadata: { name: 'meet' }, data: { JVB_AUTH_PASSWORD: 'b2xk' } },
    ])
  },
)

t.test('what is wrong with the Secret is said, and what to do', async t => {
  const spec = { existingSecret: { name: 'vault' } }
  const owned = (uid: string) =>
    secret('meet', {}, { metadata: { name: 'meet', ownerReferences: [{ uid }] } } as never)
  const { jitsi } = context()
  const cases: [
    string,
    Parameters<typeof context>[0],
    [reason: string, message: RegExp] | undefined,
  ][] = [
    ['a new Jitsi', {}, undefined],
    ['ours, not shown as a child yet', { related: [owned(jitsi.metadata.uid ?? '')] }, undefined],
    [
      'somebody else’s of our name',
      { related: [owned('another')] },
      ['SecretTaken', /name it in spec.existingSecret/],
    ],
    [
      'theirs is missing',
      { spec },
      ['SecretMissing', /Secret vault .* create it with the keys JICOFO_AUTH_PASSWORD/],
    ],
    ['theirs is complete', { spec, related: [secret('vault', complete)] }, undefined],
    [
      'theirs lacks what the spec asks for',
      {
        spec: { ...spec, coturn: { enabled: true, host: 'turn.example.org' } },
        related: [secret('vault', { ...complete, TURN_CREDENTIALS: '' })],
      },
      ['SecretIncomplete', /Secret vault has no TURN_CREDENTIALS/],
    ],
    ['ours lacks a key, which is about to be added', { children: [secret('meet', {})] }, undefined],
    [
      'ours lacks a key and can’t be changed',
      { children: [secret('meet', {}, { immutable: true })] },
      ['SecretIncomplete', /JVB_AUTH_PASSWORD.*make it anew/],
    ],
  ]
  for (const [name, parts, want] of cases) {
    const said = passwordProblems(context(parts))
    if (want) t.match(said, [{ reason: want[0], message: want[1] }], name)
    else t.strictSame(said, [], name)
  }
})

t.test('the labels of the Secret are those of its siblings, however long the name', async t => {
  const name = 'the-video-conferences-of-the-school-of-applied-sciences-in-the-north'
  const [made] = generatedSecret(context({ name }), () => 'x')
  t.match(made?.metadata.labels?.['app.kubernetes.io/instance'], /^.{54}-[0-9a-f]{8}$/)
})
