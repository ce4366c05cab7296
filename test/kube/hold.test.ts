import t from 'tap'
import { annotation } from '../../src/kube/annotations.ts'
import { appliedForm, hold, planAnnotations } from '../../src/kube/hold.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import { applied } from '../support/cluster.ts'
import { jitsi, object } from '../support/fixtures.ts'

const lastApplied = 'metacontroller.k8s.io/last-applied-configuration'

/** A Deployment as the API server has it, with the defaults that it fills in. */
function deployed(changes: Record<string, unknown> = {}): KubeObject {
  const wanted = object('Deployment', 'meet-web', {
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } } },
  })
  const stored = applied(wanted, jitsi())
  const spec = { progressDeadlineSeconds: 600, ...(stored.spec as object), ...changes }
  return { ...stored, spec, status: { replicas: 2 } }
}

t.test('a child that nobody touched is answered as it was applied last', async t => {
  const held = hold(deployed())
  t.strictSame(held, appliedForm(deployed()))
  t.notOk('status' in held)
})

t.test('a note of what was applied that lost its kind or name is none', async t => {
  const stored = deployed()
  const note = JSON.parse(stored.metadata.annotations?.[lastApplied] ?? '')
  for (const odd of [
    { ...note, kind: undefined },
    { ...note, apiVersion: 'v1' },
    { ...note, metadata: { name: 'another' } },
    { ...note, metadata: null },
  ]) {
    const annotations = { [lastApplied]: JSON.stringify(odd) }
    const held = hold({ ...stored, metadata: { ...stored.metadata, annotations } })
    t.match(held, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'meet-web' } })
    t.match(held, { spec: stored.spec as object }, 'all of it is held')
  }
})

t.test('what somebody changed since is not undone', async t => {
  t.match(hold(deployed({ replicas: 5 })), { spec: { replicas: 5 } })
})

t.test('what somebody changed since does not become ours', async t => {
  const held = hold(deployed({ replicas: 5, paused: true }))
  t.notOk('paused' in (held.spec as object), 'we never said anything of it')
})

t.test('what somebody took out since is not put back', async t => {
  const stored = deployed()
  const { replicas: _, ...spec } = stored.spec as Record<string, unknown>
  t.notOk('replicas' in (hold({ ...stored, spec }).spec as object))
})

t.test('a container that was injected stays, and is not fought', async t => {
  const containers = [
    { name: 'web', image: 'web:1' },
    { name: 'mesh', image: 'mesh:1' },
  ]
  t.match(hold(deployed({ template: { spec: { containers } } })), {
    spec: { template: { spec: { containers } } },
  })
})

t.test('a child without a note of what was applied is answered as it is', async t => {
  for (const annotations of [undefined, { [lastApplied]: 'torn{' }, { [lastApplied]: '3' }]) {
    const stored = deployed()
    const metadata = {
      ...stored.metadata,
      resourceVersion: '7',
      ...(annotations && { annotations }),
    }
    if (!annotations) delete metadata.annotations
    const held = hold({ ...stored, metadata })
    t.strictSame(held.spec, stored.spec)
    t.strictSame(Object.keys(held.metadata).sort(), ['labels', 'name', 'namespace'])
    t.notOk('status' in held)
  }
})

t.test('a Pod', async t => {
  const pod = object('Pod', 'meet-jvb-0', {
    metadata: {
      uid: 'u',
      labels: { team: 'av' },
      annotations: {
        [lastApplied]: '{"spec":{"containers":[]}}',
        [annotation.facts]: '{"old":true}',
        [annotation.node]: '{"old":true}',
        [annotation.port]: '10000',
        'example.org/injected': 'yes',
      },
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'jvb' }, { name: 'mesh' }] },
    status: { phase: 'Running' },
  }) as Pod

  t.test('keeps the spec that admission made of it: another one would restart it', async t => {
    t.strictSame(hold(pod).spec, pod.spec)
  })
  t.test(
    'does not repeat what the observer writes: that might be older than what it is now',
    async t => {
      t.strictSame(planAnnotations(pod), {
        [annotation.port]: '10000',
        'example.org/injected': 'yes',
      })
      t.strictSame(hold(pod).metadata, {
        name: 'meet-jvb-0',
        namespace: 'school',
        labels: { team: 'av' },
        annotations: planAnnotations(pod),
      })
    },
  )
})
