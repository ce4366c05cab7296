import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import type { Deployment } from '../../src/kube/types.ts'
import { find, rendered } from './rendered.ts'

/*
 * The container that keeps accounts, as bash runs it. Folders are those of the test, prosody's shell
 * writes down what it is told, and every pause says so.
 */

const missing = ['bash', 'sha256sum'].filter(name => spawnSync(name, ['--version']).error)
const skip = missing.length > 0 && `${missing.join(', ')} not installed, which the image has`

const spec = { auth: { type: 'internal', users: { name: 'teachers' } } }
const pod = find<Deployment>(rendered(spec), 'Deployment', 'meet-prosody').spec?.template.spec
const script = pod?.containers.find(({ name }) => name === 'accounts')?.command?.[2] ?? ''

const prosodyctl = `#!/bin/bash
echo "\${@:5}" >>"$TOLD"
[ "$5 $6" = "delete byhand@meet.jitsi" ] && { echo "No such user"; exit 1; }
[ "$5 $6" = "delete busy@meet.jitsi" ] && [ "$(grep -c "delete busy" "$TOLD")" = 1 ] && exit 1
[ "$5 $6" != "create taken@meet.jitsi" ]
`

async function keeper(t: Test, accounts: Record<string, string>) {
  const root = t.testdir({ bin: { prosodyctl }, secret: {}, data: {} })
  const path = (...parts: string[]) => join(root, ...parts)
  chmodSync(path('bin', 'prosodyctl'), 0o755)
  /** Exchanges all files at once, as the kubelet does. */
  const give = (files: Record<string, string>) => {
    const folder = mkdtempSync(path('secret', '..'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    symlinkSync(folder, path('secret', '..new'))
    renameSync(path('secret', '..new'), path('secret', '..data'))
  }
  give(accounts)
  // The path of a socket must be short.
  const short = mkdtempSync(join(tmpdir(), 'accounts-'))
  const socket = createServer().listen(join(short, 'prosody.sock'))
  await once(socket, 'listening')
  const here = script
    .replaceAll('/etc/jitsi-operator/accounts', path('secret'))
    .replaceAll('/var/lib/prosody/data/meet%2ejitsi', path('data'))
    .replaceAll('/var/lib/prosody/data', short)
  const pause = 'sleep() { echo pause; command sleep 0.02; }\n'
  const child: ChildProcess = spawn('bash', ['-c', pause + here], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: `${path('bin')}:${process.env.PATH}`,
      TOLD: path('told'),
      XMPP_DOMAIN: 'meet.jitsi',
    },
  })
  t.teardown(() => {
    child.kill()
    socket.close()
    rmSync(short, { recursive: true })
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const iterator = lines[Symbol.asyncIterator]()
  /** The lines up to the one that is waited for, which comes within ten pauses or never. */
  const until = async (wanted: string, pauses = 10): Promise<string[]> => {
    const { value, done } = await iterator.next()
    if (done || pauses === 0) throw new Error(`${done ? 'ended' : 'ten pauses'} before: ${wanted}`)
    if (value === wanted) return [wanted]
    return [value, ...(await until(wanted, value === 'pause' ? pauses - 1 : pauses))]
  }
  const told = () => readFileSync(path('told'), 'utf8').trim().split('\n')
  return { give, until, told }
}

/** What prosody was told to delete, in the order of the alphabet. */
const deletionsIn = (told: readonly string[]) =>
  told.filter(line => line.startsWith('delete')).sort()

t.test('accounts of the Secret', { skip }, async t => {
  t.test('are made, and their passwords changed', async t => {
    const { give, until, told } = await keeper(t, { ada: 'one' })
    await until('Account ada is up to date.')
    give({ ada: 'two' })
    await until('Account ada is up to date.')
    t.strictSame(told(), ['create ada@meet.jitsi one', 'create ada@meet.jitsi two'])
  })

  t.test('that prosody has already get their password', async t => {
    const { until, told } = await keeper(t, { taken: 'one' })
    await until('Account taken is up to date.')
    t.strictSame(told(), ['create taken@meet.jitsi one', 'password taken@meet.jitsi one'])
  })

  t.test('go with their key, and with nothing less', async t => {
    const { give, until, told } = await keeper(t, { ada: 'one', bob: 'two' })
    await until('Account bob is up to date.')
    give({})
    const quiet = [...(await until('pause')), ...(await until('pause')), ...(await until('pause'))]
    t.notMatch(quiet.join(), /deleted/, 'the whole Secret is gone: nobody is deleted')
    give({ bob: 'two' })
    await until('Account ada deleted.')
    t.notMatch(told().join(), /delete bob/)
  })

  t.test('go by their whole name: one that is left is still known when it goes later', async t => {
    const { give, until, told } = await keeper(t, {
      'jo-doe': 'one',
      'jo.doe': 'two',
      last: 'three',
    })
    await until('Account last is up to date.')
    give({ 'jo-doe': 'one', last: 'three' })
    await until('Account jo.doe deleted.')
    give({ last: 'three' })
    await until('Account jo-doe deleted.')
    // A name without a password makes no account: nothing is left in the list.
    give({ nobody: '' })
    await until('Account last deleted.')
    await until('pause')
    await until('pause')
    t.strictSame(
      deletionsIn(told()),
      ['delete jo-doe@meet.jitsi', 'delete jo.doe@meet.jitsi', 'delete last@meet.jitsi'],
      'and each once',
    )
  })

  t.test('may be named like an option', async t => {
    const { give, until, told } = await keeper(t, { '-n': 'one', '-v': 'two', ada: 'three' })
    await until('Account ada is up to date.')
    give({ '-v': 'changed', ada: 'three' })
    await until('Account -n deleted.')
    give({ ada: 'three' })
    await until('Account -v deleted.')
    t.match(told(), ['create -n@meet.jitsi one', 'create -v@meet.jitsi two'])
  })

  t.test('that prosody could not delete are tried again, unless they are gone', async t => {
    const { give, until, told } = await keeper(t, { byhand: 'one', busy: 'two', last: 'three' })
    await until('Account last is up to date.')
    give({ last: 'three' })
    await until('Account busy deleted.')
    await until('pause')
    await until('pause')
    t.strictSame(deletionsIn(told()), [
      'delete busy@meet.jitsi',
      'delete busy@meet.jitsi',
      'delete byhand@meet.jitsi',
    ])
  })
})
