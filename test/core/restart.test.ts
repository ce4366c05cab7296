import t from 'tap'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import type { ConferencesNow } from '../../src/core/plan.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { isSettled, restartGate, secondsToWindow } from '../../src/core/restart.ts'
import { jicofoPod as jicofoPodOf } from '../../src/core/signalling-pods.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { selectorLabels } from '../../src/kube/labels.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { childrenOf, jicofoPod, servingFacts, settle } from '../support/cluster.ts'
import {
  context,
  earlier,
  jitsi,
  now,
  object,
  objectMap,
  only,
  password,
  request,
} from '../support/fixtures.ts'

const busy = jicofoPod('meet', { conferences: 3 })
const idle = jicofoPod('meet', { conferences: 0 })
const silent = jicofoPod('meet', { conferences: 0, reachable: false })

/** A Pod of prosody that Kubernetes calls unready, with what was said of its container last. */
const prosodyPod = (ready: boolean, metadata = {}, phase = 'Running') =>
  object('Pod', 'meet-prosody-7c9d-q4', {
    metadata: { labels: selectorLabels('meet', 'prosody'), ...metadata },
    spec: { containers: [] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'prosody', ready },
        { name: 'sidecar', ready: false },
      ],
    },
  })

t.test('may prosody and jicofo restart now?', async t => {
  const day = '2026-11-23T10:00:00Z'
  const night = '2026-11-23T03:30:00Z'
  const cases = [
    { name: 'yes, nobody meets', pod: idle, at: day, want: 'NoConference' },
    { name: 'no, people meet', pod: busy, at: day, want: 'wait: ConferencesRunning' },
    { name: 'yes, at night, though people meet', pod: busy, at: night, want: 'MaintenanceWindow' },
    {
      name: 'no, not at night in another place of the world',
      pod: busy,
      at: night,
      spec: { timezone: 'Asia/Tokyo' },
      want: 'wait: ConferencesRunning',
    },
    {
      name: 'yes, in the night of that place',
      pod: busy,
      at: '2026-11-23T18:30:00Z',
      spec: { timezone: 'Asia/Tokyo' },
      want: 'MaintenanceWindow',
    },
    {
      name: 'yes, in a window across midnight',
      pod: busy,
      at: '2026-11-23T00:30:00Z',
      spec: { maintenance: { start: '23:00', duration: '2h' } },
      want: 'MaintenanceWindow',
    },
    {
      name: 'no, the window has just closed',
      pod: busy,
      at: '2026-11-23T05:00:00Z',
      want: 'wait: ConferencesRunning',
    },
    {
      name: 'yes, nobody meets, says jicofo too',
      pod: idle,
      at: day,
      says: 0,
      want: 'NoConference',
    },
    {
      name: 'no, before jicofo itself is asked',
      pod: idle,
      at: day,
      says: 'unasked',
      want: 'wait: LookingAgain',
    },
    {
      name: 'no, jicofo does not answer now',
      pod: idle,
      at: day,
      says: 'silent',
      want: 'wait: LookingAgain',
    },
    {
      name: 'no, people have come since',
      pod: idle,
      at: day,
      says: 1,
      want: 'wait: ConferencesRunning',
    },
    { name: 'no, jicofo is silent', pod: silent, at: day, want: 'wait: ConferencesRunning' },
    { name: 'no, jicofo is not there', pod: undefined, at: day, want: 'wait: ConferencesRunning' },
    {
      name: 'yes, it has waited for a week',
      pod: busy,
      at: day,
      since: '2026-11-16T09:59:00Z',
      want: 'WaitedLongEnough',
    },
    {
      name: 'no, it has waited for almost a week',
      pod: busy,
      at: day,
      since: '2026-11-16T10:01:00Z',
      want: 'wait: ConferencesRunning',
    },
    {
      name: 'yes, somebody wants it at once',
      pod: busy,
      at: day,
      spec: { disableGracefulUpgrade: true },
      want: 'NotGraceful',
    },
    {
      name: 'no, bridges are being replaced, though it is night',
      pod: busy,
      at: night,
      rollout: true,
      want: 'wait: BridgeRollout',
    },
  ]
  for (const { name, pod, at, spec = {}, since, rollout = false, says, want } of cases) {
    t.test(name, async t => {
      const all = { ...context({ spec, related: pod ? [pod] : [] }), now: new Date(at) }
      const { open, reason } = restartGate(all, {
        waitingSince: since,
        rolloutUnderWay: rollout,
        conferencesNow: says as ConferencesNow | undefined,
      })
      t.equal(open ? reason : `wait: ${reason}`, want)
    })
  }
})

t.test('where nobody met, a restart depends on what jicofo says at this moment', async t => {
  const { request: running } = settle(request({ related: [idle] }))
  const changed = {
    ...running,
    parent: {
      ...running.parent,
      spec: { domain: 'meet.example.org', prosody: { image: 'our/prosody:stable-11200' } },
    },
  }
  const told = (conferencesNow: ConferencesNow) => {
    const { response, asks } = reconcile(changed, { now, password, conferencesNow })
    const prosody = only(response.children, 'Deployment', 'meet-prosody')
    const restarts = JSON.stringify(prosody).includes('our/prosody')
    return { restarts, asks: asks?.metadata.name, again: response.resyncAfterSeconds }
  }
  t.match(told('unasked'), { restarts: false, asks: idle.metadata.name })
  t.match(told('silent'), { restarts: false, asks: undefined, again: 30 })
  t.match(told(2), { restarts: false, asks: undefined, again: 30 })
  t.match(told(0), { restarts: true, asks: undefined })
})

t.test('a change of bridges comes first, unless it can’t go on', async t => {
  const told = (count: number) => {
    const jvb = { ports: { count }, exposure: { type: 'LoadBalancer' } }
    const { request: running } = settle(
      request({ jitsi: jitsi({ spec: { jvb } }), related: [busy] }),
    )
    const bridge = only([...childrenOf(running).values()], 'Pod')
    const facts = JSON.stringify({ ...servingFacts, participants: 9, conferences: 1 })
    Object.assign(bridge.metadata.annotations ?? {}, { [annotation.facts]: facts })
    const prosody = { image: 'our/prosody:stable-11200' }
    const env = [{ name: 'VIDEOBRIDGE_MAX_MEMORY', value: '1001m' }]
    const { spec } = jitsi({ spec: { prosody, jvb: { ...jvb, env } } })
    const changed = { ...running, parent: { ...running.parent, spec } }
    const atNight = new Date('2026-11-23T03:30:00Z')
    const { response, decisions } = reconcile(changed, { now: atNight, password })
    const restarted = only(response.children, 'Deployment', 'meet-prosody')
    return {
      prosody: JSON.stringify(restarted).includes('stable-11200'),
      bridges: decisions.map(({ reason }) => reason),
    }
  }
  t.strictSame(told(2), { prosody: false, bridges: ['Rollout'] })
  t.strictSame(told(1), { prosody: true, bridges: [] }, 'its people have the only port')
})

t.test('prosody does not follow new bridges that do not come up', async t => {
  const told = (written: (pod: KubeObject) => Record<string, string>) => {
    const three = { jvb: { strategy: { replicas: 3 } } }
    const { request: running } = settle(request({ jitsi: jitsi({ spec: three }), related: [busy] }))
    for (const bridge of childrenOf(running).values()) {
      if (bridge.kind !== 'Pod') continue
      const { [annotation.facts]: facts = '', ...others } = bridge.metadata.annotations ?? {}
      bridge.metadata.annotations = bridge.metadata.name.endsWith('-0')
        ? { ...others, [annotation.facts]: facts, [annotation.revision]: '{"image":"of before"}' }
        : { ...others, ...written(bridge) }
    }
    const prosody = { image: 'our/prosody:stable-11200' }
    const spec = { domain: 'meet.example.org', prosody }
    const atNight = new Date('2026-11-24T03:30:00Z')
    const changed = { ...running, parent: { ...running.parent, spec } }
    const { children, status } = reconcile(changed, { now: atNight, password }).response
    const restarted = only(children, 'Deployment', 'meet-prosody')
    const conditions = status.conditions as Record<string, string>[]
    return [
      JSON.stringify(restarted).includes('stable-11200'),
      ...['Progressing', 'RestartPending'].map(
        name => conditions.find(({ type }) => type === name)?.reason,
      ),
    ]
  }
  t.strictSame(
    told(() => ({})),
    [false, 'RolloutStopped', 'BridgeRollout'],
    'its own image may be as wrong as theirs',
  )
  const silent = { [annotation.facts]: JSON.stringify({ ...servingFacts, reachable: false }) }
  const stopped = [true, 'RolloutStopped', undefined]
  t.strictSame(
    told(() => silent),
    stopped,
    'they came up, and their nodes may have gone down',
  )
  const onDeadNode = ({ metadata }: KubeObject) => {
    const node = JSON.parse(metadata.annotations?.[annotation.node] ?? '') as object
    return { [annotation.node]: JSON.stringify({ ...node, ready: false }) }
  }
  t.strictSame(told(onDeadNode), stopped, 'their nodes went down before they could come up')
})

t.test('prosody does not follow new bridges that the API server refuses', async t => {
  const { request: running } = settle(request({ jitsi: jitsi(), related: [busy] }))
  const { parent } = running
  const env = [{ name: 'VIDEOBRIDGE_MAX_MEMORY', value: '1001m' }]
  const prosody = { image: 'our/prosody:stable-11200' }
  const status = { ...(parent.status as object), rollout: { makingSince: '2026-11-24T03:20:00Z' } }
  const spec = { domain: 'meet.example.org', prosody, jvb: { env } }
  const changed = { ...running, parent: { ...parent, spec, status } }
  const atNight = new Date('2026-11-24T03:30:00Z')
  const { response } = reconcile(changed, { now: atNight, password })
  const restarted = only(response.children, 'Deployment', 'meet-prosody')
  t.notMatch(JSON.stringify(restarted), /stable-11200/, 'its own Pod may be refused as well')
  const conditions = response.status.conditions as Record<string, string>[]
  const reasons = new Map(conditions.map(({ type, reason }) => [type, reason]))
  t.equal(reasons.get('RestartPending'), 'BridgeRollout')
  t.equal(reasons.get('Progressing'), 'BridgesRefused')
})

t.test('a change of bridges that waits for prosody does not hold up prosody', async t => {
  const { request: running } = settle(request({ jitsi: jitsi(), related: [busy] }))
  const bridge = only([...childrenOf(running).values()], 'Pod')
  const facts = JSON.stringify({ ...servingFacts, mucsJoined: 0, endpointsTotal: 20 })
  Object.assign(bridge.metadata.annotations ?? {}, { [annotation.facts]: facts })
  const env = [{ name: 'VIDEOBRIDGE_MAX_MEMORY', value: '1001m' }]
  const prosody = { image: 'our/prosody:stable-11200' }
  const changed = {
    ...running,
    parent: { ...running.parent, spec: { domain: 'meet.example.org', prosody, jvb: { env } } },
  }
  const told = (at: string) => {
    const { children, status } = reconcile(changed, { now: new Date(at), password }).response
    const restarted = only(children, 'Deployment', 'meet-prosody')
    const conditions = status.conditions as Record<string, string>[]
    return {
      prosody: JSON.stringify(restarted).includes('stable-11200'),
      pending: conditions.find(({ type }) => type === 'RestartPending')?.reason,
    }
  }
  t.strictSame(told('2026-11-23T03:30:00Z'), { prosody: true, pending: undefined })
  const day = '2026-11-23T10:00:00Z'
  t.strictSame(told(day), { prosody: false, pending: 'ConferencesRunning' }, 'people may meet')
})

t.test('a change of bridges of which none is well does not hold up prosody', async t => {
  const three = { jvb: { strategy: { replicas: 3 } } }
  const { request: running } = settle(request({ jitsi: jitsi({ spec: three }), related: [busy] }))
  const unwellSince = '2026-11-24T03:20:00Z'
  for (const bridge of childrenOf(running).values()) {
    if (bridge.kind !== 'Pod') continue
    const facts = { ...servingFacts, endpointsTotal: 20, healthy: false, unwellSince }
    const older = bridge.metadata.name.endsWith('-0') && {
      [annotation.revision]: '{"image":"of before"}',
    }
    Object.assign(bridge.metadata.annotations ?? {}, older, {
      [annotation.facts]: JSON.stringify(facts),
    })
  }
  const prosody = { image: 'our/prosody:stable-11200' }
  const spec = { domain: 'meet.example.org', prosody, jvb: { strategy: { replicas: 2 } } }
  const changed = { ...running, parent: { ...running.parent, spec } }
  const told = (at: string) => {
    const { children, status } = reconcile(changed, { now: new Date(at), password }).response
    const restarted = only(children, 'Deployment', 'meet-prosody')
    const conditions = status.conditions as Record<string, string>[]
    const progress = conditions.find(({ type }) => type === 'Progressing')
    return [JSON.stringify(restarted).includes('stable-11200'), progress?.reason]
  }
  t.strictSame(told('2026-11-24T03:30:00Z'), [true, 'BridgesUnfit'])
  t.strictSame(told('2026-11-24T03:25:00Z'), [false, 'BridgesChanging'], 'they may be well soon')
})

t.test('jicofo’s facts are those of jicofo’s Pod that runs', async t => {
  const facts = idle.metadata.annotations ?? {}
  const ended = { ...busy, metadata: { ...busy.metadata, name: 'a' }, status: { phase: 'Failed' } }
  const posing = prosodyPod(true, { annotations: busy.metadata.annotations })
  const all = context({ related: [ended, idle, posing] })
  t.strictSame(jicofoPodOf(all)?.metadata.annotations, facts)
  t.equal(jicofoPodOf(context({ related: [ended, posing] })), undefined)
})

t.test('the next window', async t => {
  const seconds = (at: string, spec: object = {}) =>
    secondsToWindow({ ...context({ spec }), now: new Date(at) })
  t.equal(seconds('2026-11-23T02:00:00Z'), 3600)
  t.equal(seconds('2026-11-23T03:01:00Z'), 86_340, 'is tomorrow’s once this one has begun')
  t.equal(seconds('2026-11-23T01:00:00Z', { timezone: 'Europe/Paris' }), 3600)
})

interface Upgrade {
  at?: string
  spec?: object
  status?: object
  available?: number
  conferencesNow?: ConferencesNow
}

/**
 * A Jitsi that runs, asked for another image while meetings run or not; Kubernetes calls so many
 * Pods of each Deployment available.
 */
function upgraded(
  related: typeof busy | (typeof busy)[],
  {
    at = '2026-11-23T10:00:00Z',
    spec = {},
    status = {},
    available = 1,
    conferencesNow,
  }: Upgrade = {},
) {
  const { request: running } = settle(request({ jitsi: jitsi(), related: [busy] }))
  for (const { kind, status } of childrenOf(running).values()) {
    if (kind === 'Deployment') Object.assign(status ?? {}, { availableReplicas: available })
  }
  const upgrade: SyncRequest = {
    ...running,
    related: objectMap([related].flat()),
    parent: {
      ...running.parent,
      spec: { domain: 'meet.example.org', prosody: { image: 'our/prosody:stable-11200' }, ...spec },
      status: { ...(running.parent.status as object), ...status },
    },
  }
  const inputs = { now: new Date(at), password, ...(conferencesNow && { conferencesNow }) }
  const { children, ...answer } = reconcile(upgrade, inputs).response
  const conditions = answer.status.conditions as Record<string, string>[]
  return {
    image: JSON.stringify(only(children, 'Deployment', 'meet-prosody')).includes('stable-11200'),
    pending: conditions.find(({ type }) => type === 'RestartPending'),
    rollout: answer.status.rollout,
    resync: answer.resyncAfterSeconds,
  }
}

t.test('a change of prosody', async t => {
  t.test('goes ahead when nobody meets', async t => {
    t.match(upgraded(idle), { image: true, pending: undefined, rollout: undefined })
  })
  t.test('waits while people meet, says so, and since when', async t => {
    const { image, pending, rollout, resync } = upgraded(busy)
    t.equal(image, false)
    t.match(pending, {
      reason: 'ConferencesRunning',
      message: /^a change of meet-prosody waits: 3/,
    })
    t.strictSame(rollout, { waitingSince: '2026-11-23T10:00:00Z' })
    t.ok((resync ?? 0) > 0, 'and asks to be called again: time alone will open the window')
  })
  t.test('remembers since when, however often it is asked', async t => {
    const since = { rollout: { waitingSince: '2026-11-22T10:00:00Z' } }
    t.strictSame(upgraded(busy, { status: since }).rollout, since.rollout)
  })
  t.test('goes ahead after a week of meetings', async t => {
    const since = { rollout: { waitingSince: '2026-11-10T10:00:00Z' } }
    t.match(upgraded(busy, { status: since }), { image: true })
  })
  t.test('waits from now on after a suspension, for it may be another change', async t => {
    const status = { rollout: { waitingSince: '2026-11-10T10:00:00Z' } }
    const { rollout } = upgraded(busy, { status, spec: { suspend: true } })
    t.equal(rollout, undefined)
    t.match(upgraded(busy, { status: { rollout } }), {
      image: false,
      rollout: { waitingSince: '2026-11-23T10:00:00Z' },
    })
  })
  t.test('waits while people meet on a node whose kubelet is silent', async t => {
    t.match(upgraded(busy, { available: 0 }), { image: false })
    t.match(upgraded(idle, { available: 0, conferencesNow: 'unasked' }), { image: false })
    t.match(upgraded(idle, { available: 0, conferencesNow: 2 }), { image: false })
  })
  t.test('waits for nothing where prosody does not run', async t => {
    t.match(upgraded(idle, { available: 0 }), { image: true, pending: undefined })
    t.match(upgraded(silent, { available: 0 }), { image: true, pending: undefined })
  })
  t.test('waits for what runs unseen: kubelet and jicofo are both silent', async t => {
    const withProsody = (...pod: Parameters<typeof prosodyPod>) =>
      upgraded([silent, prosodyPod(...pod)], { available: 0 })
    t.match(withProsody(true), { image: false, pending: { reason: 'ConferencesRunning' } })
    t.match(withProsody(false), { image: true }, 'its container does not serve')
    t.match(withProsody(true, { deletionTimestamp: earlier }), { image: true }, 'it is given up')
    t.match(withProsody(true, {}, 'Failed'), { image: true }, 'it has ended')
    const labels = selectorLabels('meet', 'visitors')
    t.match(withProsody(true, { labels }), { image: true }, 'it is another’s')
  })
  t.test('does not wait for bridges that have no part in meetings without it', async t => {
    const gate = (availableReplicas: number, ...pods: (typeof idle)[]) => {
      const prosody = object('Deployment', 'meet-prosody', {
        metadata: { labels: selectorLabels('meet', 'prosody') },
        status: { availableReplicas },
      })
      return restartGate(context({ children: [prosody], related: [idle, ...pods] }), {
        waitingSince: undefined,
        rolloutUnderWay: true,
        conferencesNow: 0,
      })
    }
    t.match(gate(1), { open: false, reason: 'BridgeRollout' })
    t.match(gate(0), { open: true, reason: 'NoConference' })
    t.match(gate(0, prosodyPod(true)), { open: false, reason: 'BridgeRollout' })
  })
})

t.test('signalling has settled once what is wanted runs', async t => {
  const deployment = (status: object | undefined, generation = 2) =>
    object('Deployment', 'meet-jicofo', {
      metadata: { generation },
      spec: { replicas: 1 },
      ...(status ? { status } : {}),
    })
  const done = { observedGeneration: 2, availableReplicas: 1, updatedReplicas: 1 }
  const cases = [
    { name: 'all of it', status: done, want: true },
    { name: 'nothing known', status: undefined, want: false },
    { name: 'not looked at yet', status: { ...done, observedGeneration: 1 }, want: false },
    { name: 'not available', status: { ...done, availableReplicas: 0 }, want: false },
    { name: 'an older one runs', status: { ...done, updatedReplicas: 0 }, want: false },
    {
      name: 'none available, and zero is left out',
      status: { observedGeneration: 2, updatedReplicas: 1 },
      want: false,
    },
    {
      name: 'an older one runs, and zero is left out',
      status: { observedGeneration: 2, availableReplicas: 1 },
      want: false,
    },
  ]
  for (const { name, status, want } of cases) {
    t.equal(isSettled(context({ children: [deployment(status)] }), ['meet-jicofo']), want, name)
  }
  t.equal(isSettled(context(), ['meet-jicofo']), false, 'not there')
  const one = context({ children: [deployment(done)] })
  t.equal(isSettled(one, ['meet-prosody', 'meet-jicofo']), false, 'one of two')
})
