import { loadAll } from 'js-yaml'
import t from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import { run } from './command.ts'

// Each run is a process of its own, and machines can be busy.
t.setTimeout(180_000)

const jitsi = `
apiVersion: apps.jit.si/v1alpha1
kind: Jitsi
metadata:
  name: meet
spec:
  domain: meet.example.org
`
const objectsIn = (yaml: string) => loadAll(yaml) as KubeObject[]
const namesOf = (yaml: string) =>
  objectsIn(yaml).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)

t.test('render prints what a Jitsi becomes, as if its Secret were there', async t => {
  const files = t.testdir({ 'jitsi.yaml': jitsi })
  const { code, stdout, stderr } = await run(['render', `${files}/jitsi.yaml`])
  t.equal(stderr, '')
  t.equal(code, 0)
  const names = namesOf(stdout)
  for (const name of [
    'Secret default/meet',
    'Deployment default/meet-prosody',
    'Pod default/meet-jvb-0',
  ])
    t.ok(names.includes(name), name)

  t.test('with placeholders in the place of passwords', async t => {
    t.match(stdout, /# Placeholders, not passwords/)
    const secret = objectsIn(stdout).find(({ kind }) => kind === 'Secret')
    const values = Object.values(secret?.data as Record<string, string>)
    t.not(values.length, 0)
    for (const value of values) {
      t.match(Buffer.from(value, 'base64').toString(), /^placeholder-\d+-not-a-password$/)
    }
  })

  t.test('and the same from standard input, into a namespace', async t => {
    const { code, stdout } = await run(['render', '-n', 'school', '-'], jitsi)
    t.equal(code, 0)
    t.strictSame(
      namesOf(stdout),
      names.map(name => name.replace('default/', 'school/')),
    )
  })
})

t.test('render takes several Jitsis, and what they refer to, from several files', async t => {
  const files = t.testdir({
    'both.yaml': `${jitsi}---\n${jitsi.replace('name: meet', 'name: other\n  namespace: school')}`,
    'config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: unrelated}\ndata: {a: b}\n',
  })
  const { code, stdout } = await run(['render', `${files}/both.yaml`, `${files}/config.yaml`])
  t.equal(code, 0)
  const names = namesOf(stdout)
  t.ok(names.includes('Secret default/meet'))
  t.ok(names.includes('Secret school/other'))
  t.notOk(names.includes('ConfigMap default/unrelated'))
})

t.test('render makes a bridge for each Node that a daemonset matches', async t => {
  const node = (name: string, pool: string) =>
    `---\napiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {pool: ${pool}}}\nstatus: {conditions: [{type: Ready, status: 'True'}]}\n`
  const files = t.testdir({
    'jitsi.yaml': `${jitsi}  jvb: {strategy: {type: daemonset}, nodeSelector: {pool: media}}\n`,
    'nodes.yaml': node('one', 'media') + node('two', 'other') + node('three', 'media'),
  })
  const { stdout } = await run(['render', `${files}/jitsi.yaml`, `${files}/nodes.yaml`])
  const bridges = objectsIn(stdout).filter(({ kind }) => kind === 'Pod')
  t.strictSame(
    bridges.map(({ metadata }) => metadata.annotations?.['apps.jit.si/pinned-to']).sort(),
    ['one', 'three'],
  )
})

t.test('render shows the content of a ConfigMap that the Jitsi names in its pods', async t => {
  const referring = `${jitsi}  web:\n    customConfigCM: {name: ours}\n`
  const withContent = (content: string) =>
    run(
      ['render', '-'],
      `${referring}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ours}\ndata: {custom-config.js: ${content}}\n`,
    )
  const [one, again, two] = await Promise.all(['one', 'one', 'two'].map(withContent))
  t.equal(one?.code, 0)
  t.equal(one?.stdout, again?.stdout)
  t.not(one?.stdout, two?.stdout, 'other content, other pods')
})

t.test('render adds optional kinds where they are asked for', async t => {
  const measured = `${jitsi}  metrics: true\n`
  const kinds = ['--child-resource', 'monitoring.coreos.com/v1/podmonitors']
  const [without, including] = await Promise.all([
    run(['render', '-'], measured),
    run(['render', ...kinds, '-'], measured),
  ])
  t.notMatch(without.stdout, /kind: PodMonitor/)
  t.match(including.stdout, /kind: PodMonitor/)
})

t.test('render says what is wrong with a spec, and ends with code 2', async t => {
  const { code, stderr } = await run(['render', '-'], jitsi.replace('meet.example.org', '7'))
  t.equal(code, 2)
  t.match(stderr, /^error: meet: ConfigurationValid: .*spec\.domain/)
})

t.test('render says so of a field that an API server would leave out', async t => {
  const { code, stderr } = await run(['render', '-'], `${jitsi}  jvb: {strategie: {replicas: 3}}\n`)
  t.equal(code, 2)
  t.match(
    stderr,
    /^error: meet: ConfigurationValid: FieldUnknown: spec\.jvb\.strategie: .*strategy\?$/m,
  )
})

t.test('render says so of a spec that only an API server would refuse', async t => {
  const { code, stderr } = await run(['render', '-'], `${jitsi}  auth: {type: jwt}\n`)
  t.equal(code, 2)
  t.match(stderr, /^error: meet: the API server refuses it: spec: auth\.type jwt needs auth\.jwt$/m)
})
