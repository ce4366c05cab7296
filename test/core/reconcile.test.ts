import t from 'tap'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { childrenOf, settle } from '../support/cluster.ts'
import { inputs, jitsi, objectMap, request } from '../support/fixtures.ts'

/* What follows where one bridge, or one of prosody and jicofo, is not as the others. */

const two = { jvb: { strategy: { type: 'static', replicas: 2 } } }
const { request: running } = settle(request({ jitsi: jitsi({ spec: two }) }))

/** The Jitsi that runs, with other annotations of its second bridge. */
function withSecond(annotations: Record<string, string>): SyncRequest {
  const children = [...childrenOf(running).values()].map(child =>
    child.metadata.name === 'meet-jvb-1' && child.kind === 'Pod'
      ? {
          ...child,
          metadata: {
            ...child.metadata,
            annotations: { ...child.metadata.annotations, ...annotations },
          },
        }
      : child,
  )
  return { ...running, children: objectMap(children) }
}

const old = withSecond({ [annotation.revision]: '{"image":"of-last-year"}' })

t.test('the address is said before anything runs', async t => {
  t.match(reconcile(request(), inputs).response.status, { url: 'https://meet.example.org' })
})

t.test('the plan asks to be called again while one bridge does not serve', async t => {
  const again = (asked: SyncRequest) => reconcile(asked, inputs).response.resyncAfterSeconds
  t.equal(again(running), undefined)
  t.equal(again(withSecond({ [annotation.intent]: 'drain' })), 15)
})

t.test('prosody waits for the one bridge that is old, though it is night', async t => {
  const { spec } = jitsi({ spec: { ...two, prosody: { image: 'our/prosody:stable-11200' } } })
  const night = { ...inputs, now: new Date('2026-11-24T03:30:00Z') }
  const reasons = (asked: SyncRequest) => {
    const upgrade = { ...asked, parent: { ...asked.parent, spec } }
    const { conditions } = reconcile(upgrade, night).response.status as {
      conditions: { type: string; reason: string }[]
    }
    return conditions.filter(({ type }) => type === 'RestartPending').map(({ reason }) => reason)
  }
  t.strictSame(reasons(running), [])
  t.strictSame(reasons(old), ['BridgeRollout'])
})

t.test('an old bridge is not replaced while the Deployment of jicofo is gone', async t => {
  const reasons = (asked: SyncRequest) =>
    reconcile(asked, inputs).decisions.map(({ reason }) => reason)
  t.strictSame(reasons(old), ['Rollout'])
  const children = [...childrenOf(old).values()].filter(
    ({ kind, metadata }) => `${kind}/${metadata.name}` !== 'Deployment/meet-jicofo',
  )
  t.strictSame(reasons({ ...old, children: objectMap(children) }), [])
})

t.test('a spec that is too large holds every child, whatever its shape', async t => {
  const text = 'a'.repeat(1_000_000)
  for (const spec of [{ ...two, timezone: text }, { jvb: text }, { domain: [text], jvb: 1 }]) {
    const { children, status } = reconcile(
      { ...running, parent: { ...running.parent, spec: { domain: 'other.example.org', ...spec } } },
      inputs,
    ).response
    t.equal(children.length, childrenOf(running).size)
    t.match(status, { url: 'https://meet.example.org' }, 'as it was')
    t.match(status, { conditions: [{ type: 'Ready', reason: 'SpecTooLarge' }] })
    t.notMatch(JSON.stringify(children), text)
  }
})
