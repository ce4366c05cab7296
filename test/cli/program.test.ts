import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { run, start } from './command.ts'

// Each run is a process of its own, and machines can be busy.
t.setTimeout(180_000)

t.test('a mistake at the command line is one line on stderr and exit code 2', async t => {
  const files = t.testdir({
    'broken.yaml': 'kind: Jitsi\nspec: [unclosed\n',
    'empty.yaml': '---\n',
    'list.yaml': '- 1\n- 2\n',
    'nameless.yaml': 'apiVersion: apps.jit.si/v1alpha1\nkind: Jitsi\nmetadata: {}\n',
    'other.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: x}\n',
    'request.json': '{"parent": {"apiVersion": "v1", "kind": "Jitsi"}, "children": {}}',
    'two.yaml': 'a: 1\n---\nb: 2\n',
    'bytes.json': '{"parent": ',
  })
  const cases = [
    { args: ['serv'], want: /unknown command 'serv'/ },
    { args: ['serve', '--port', '1'], want: /unknown option '--port'/ },
    { args: ['render', '--helm', 'x'], want: /unknown option '--helm'/ },
    { args: ['render'], want: /missing required argument 'file'/ },
    { args: ['render', '-n'], want: /argument missing/ },
    { args: ['render', '--now', 'soon', 'x'], want: /'soon' is invalid.*2026-/ },
    { args: ['render', '--child-resource', 'PodMonitor', 'x'], want: /podmonitors/ },
    { args: ['render', `${files}/absent.yaml`], want: /absent\.yaml: there is no such file/ },
    { args: ['render', files], want: /it is a folder/ },
    { args: ['render', `${files}/broken.yaml`], want: /broken\.yaml: neither YAML nor JSON: .+/ },
    { args: ['render', `${files}/empty.yaml`], want: /empty\.yaml: there is nothing in it/ },
    { args: ['render', `${files}/list.yaml`], want: /list\.yaml: it is no Kubernetes object/ },
    { args: ['render', `${files}/nameless.yaml`], want: /metadata\.name/ },
    { args: ['render', `${files}/other.yaml`], want: /no object of apiVersion apps\.jit\.si/ },
    {
      args: ['sync', `${files}/request.json`],
      want: /request\.json: not a sync request.*parent\.metadata/,
    },
    { args: ['sync', `${files}/two.yaml`], want: /2 documents, but one request/ },
    { args: ['sync', `${files}/bytes.json`], want: /neither YAML nor JSON/ },
    { args: ['sync', `${files}/empty.yaml`], want: /nothing in it/ },
    { args: ['sync', 'a', 'b'], want: /too many arguments/ },
    { args: ['crd', 'x'], want: /too many arguments/ },
  ]
  for (const { args, want } of cases) {
    t.test(args.join(' ').replaceAll(files, ''), async t => {
      const { code, stdout, stderr } = await run(args)
      t.equal(code, 2)
      t.equal(stdout, '')
      t.match(stderr, /^error: .+\n$/)
      t.equal(stderr.split('\n').length, 2, stderr)
      t.match(stderr, want)
    })
  }
})

t.test('whoever reads what is printed may stop before its end', async t => {
  const child = start(['crd'])
  child.stdout?.destroy()
  const stderr = child.stderr ? text(child.stderr) : ''
  const [code] = await once(child, 'exit')
  t.equal(await stderr, '')
  t.equal(code, 0)
})

t.test('help names every command and every setting', async t => {
  const { code, stdout } = await run(['--help'])
  t.equal(code, 0)
  for (const command of ['serve', 'render', 'sync', 'crd']) t.match(stdout, command)
  const serve = await run(['help', 'serve'])
  t.equal(serve.code, 0)
  for (const setting of ['PORT', 'HOST', 'TLS_CERT_FILE', 'TOKEN_FILE'])
    t.match(serve.stdout, setting)
})

t.test('no command at all is a mistake that is answered with the help', async t => {
  const { code, stderr } = await run([])
  t.equal(code, 2)
  t.match(stderr, /^Usage: jitsi-operator/)
})

t.test('the version is that of the package', async t => {
  t.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})
