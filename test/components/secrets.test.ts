import t from 'tap'
import { observedPasswords, passwordKeys, secrets } from '../../src/components/secrets.ts'
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

const secret = (data: Record<string, string>) => object('Secret', 'meet', { data })

t.test('of a new Jitsi every password is drawn, each for itself', async t => {
  const { drawn, draw } = drawing()
  const [made] = secrets(context(), draw)
  t.match(made, { kind: 'Secret', type: 'Opaque', metadata: { name: 'meet' } })
  const data = (made?.data ?? {}) as Record<string, string>
  t.ok(passwordKeys.every(key => data[key]))
  t.equal(new Set(Object.values(data)).size, drawn.length)
})

t.test('what is there is repeated to the letter, and only what is missing is drawn', async t => {
  const { drawn, draw } = drawing()
  const data = { JVB_AUTH_PASSWORD: 'b2xk', SOMEBODYS_OWN: 'YQ==' }
  const [made] = secrets(context({ children: [secret(data)] }), draw)
  t.match(made?.data, data)
  t.ok(passwordKeys.every(key => key in Object(made?.data)))
  t.equal(drawn.length, passwordKeys.length - 1)
})

t.test('an empty password counts as missing', async t => {
  const { draw } = drawing()
  const [made] = secrets(context({ children: [secret({ JVB_AUTH_PASSWORD: '' })] }), draw)
  t.match(made, { data: { JVB_AUTH_PASSWORD: base64('drawn-4') } })
})

t.test('the keys are those of the first operator, whose passwords are kept', async t => {
  for (const key of [
    'JICOFO_AUTH_PASSWORD',
    'JICOFO_COMPONENT_SECRET',
    'JVB_AUTH_PASSWORD',
    'JIBRI_XMPP_PASSWORD',
    'JIBRI_RECORDER_PASSWORD',
  ]) {
    t.ok((passwordKeys as readonly string[]).includes(key), key)
  }
})

t.test('a Secret of the user’s', async t => {
  const spec = { existingSecret: { name: 'vault' } }
  const vault = object('Secret', 'vault', { data: { JVB_AUTH_PASSWORD: 'YQ==' } })

  t.test('makes ours needless', async t => {
    t.strictSame(secrets(context({ spec }), t.fail as never), [])
  })
  t.test('is read where it is, among the objects that are not ours', async t => {
    t.equal(observedPasswords(context({ spec, related: [vault] }))?.metadata.name, 'vault')
    t.equal(observedPasswords(context({ spec })), undefined)
  })
  t.test('does not delete the one that we made before', async t => {
    const children = [secret({ JVB_AUTH_PASSWORD: 'b2xk' })]
    t.match(secrets(context({ spec, children }), t.fail as never), [
      { metadata: { name: 'meet' }, data: { JVB_AUTH_PASSWORD: 'b2xk' } },
    ])
  })
})

t.test('the labels of the Secret are those of its siblings, however long the name', async t => {
  const name = 'the-video-conferences-of-the-school-of-applied-sciences-in-the-north'
  const [made] = secrets(context({ name }), () => 'x')
  t.match(made?.metadata.labels?.['app.kubernetes.io/instance'], /^.{54}-[0-9a-f]{8}$/)
})
