import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { run } from './command.ts'

/** Half an hour, so that the whole replay takes a second or two. */
const day = 'minute,room,participants\n5,class,20\n25,class,0\n'
const jitsi = `apiVersion: apps.jit.si/v1alpha1
kind: Jitsi
metadata: { name: meet }
spec:
  domain: meet.example.org
  jvb: { strategy: { type: autoscaled, minReplicas: 3 }, autoscaling: { metric: { source: stress } } }
`

t.test('simulate replays a day by every policy, and draws it', async t => {
  const folder = t.testdir({ 'day.csv': day })
  const { code, stdout } = await run(['simulate', '--out', `${folder}/out`, `${folder}/day.csv`])
  t.equal(code, 0)
  const policies = stdout.split('\n').flatMap(line => /^\| ([a-z][^|]+?) \|/.exec(line)?.[1] ?? [])
  const known = ['fluid bound', 'clairvoyant', 'jitsi-helm main', 'ours, cpu', 'ours, stress']
  t.strictSame(policies, ['policy', ...known])
  t.match(readFileSync(`${folder}/out/day.svg`, 'utf8'), /^<svg[\s\S]*clairvoyant/)
})

t.test('simulate takes the Jitsi beside a day, or one that is named', async t => {
  const folder = t.testdir({ 'a.csv': day, 'a.yaml': jitsi, 'b.csv': day, 'own.yaml': jitsi })
  for (const args of [['a.csv'], ['b.csv', '--jitsi', `${folder}/own.yaml`]]) {
    const [file = '', ...rest] = args
    const command = ['simulate', '--out', folder, `${folder}/${file}`, ...rest]
    const { stdout } = await run(command)
    t.match(stdout, /\| ours, timetable \|( [\d.]+ \|){3} 3 \|/, file)
  }
})

t.test('simulate says in one line what is wrong', async t => {
  const folder = t.testdir({ 'day.csv': '1,class\n', 'good.csv': day })
  const out = ['--out', `${folder}/out`]
  const cases = [
    { args: [`${folder}/day.csv`], want: /day\.csv: line 1: .* is not minute,room,participants/ },
    { args: [`${folder}/none.csv`], want: /none\.csv: there is no such file/ },
    { args: [`${folder}/good.csv`, '--jitsi', `${folder}/none.yaml`], want: /no such file/ },
    { args: [`${folder}/good.csv`, '--autoscaling', '{'], want: /--autoscaling: not JSON/ },
    { args: [`${folder}/good.csv`, '--cpus', 'many'], want: /whole number/ },
  ]
  for (const { args, want } of cases) {
    const { code, stderr } = await run(['simulate', ...out, ...args])
    t.equal(code, 2)
    t.match(stderr, want)
    t.equal(stderr.trim().split('\n').length, 1)
  }
  t.notOk(existsSync(`${folder}/out`))
})
