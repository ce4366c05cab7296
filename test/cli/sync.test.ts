import { dump } from 'js-yaml'
import t from 'tap'
import { run } from './command.ts'

// Each run is a process of its own, and machines can be busy.
t.setTimeout(180_000)

const request = {
  parent: {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace: 'school', generation: 1, uid: 'u' },
    spec: { domain: 'meet.example.org' },
  },
  children: {},
  related: {},
}

t.test('sync answers a recorded request as the service would', async t => {
  const files = t.testdir({
    'request.json': JSON.stringify(request),
    'request.yaml': dump(request),
  })
  const now = ['--now', '2026-03-01T08:00:00Z']
  const [json, yaml, stdin] = await Promise.all([
    run(['sync', ...now, `${files}/request.json`]),
    run(['sync', ...now, `${files}/request.yaml`]),
    run(['sync', ...now, '-'], JSON.stringify(request)),
  ])
  t.strictSame(json, yaml)
  t.strictSame(json, stdin)
  t.equal(json.code, 0)
  t.equal(json.stderr, '')
  const { status, children } = JSON.parse(json.stdout)
  t.match(status.conditions, [{ type: 'Ready', status: 'False' }])
  t.match(children, [{ kind: 'Secret', metadata: { name: 'meet' } }])
})
