import type { ServiceSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import type { KubeObject } from '../../../src/kube/types.ts'
import { node, threeNodes } from '../../support/cluster.ts'
import {
  ago,
  answer,
  contextWith,
  decide,
  olderImage,
  type Seen,
  type Situation,
  summary,
} from './bridges.ts'

const busy: Seen = { facts: { participants: 5, conferences: 1, endpointsTotal: 20 } }
const unjoined = (facts: Seen['facts'] = {}): Seen => ({
  facts: { mucsJoined: 0, participants: 5, conferences: 1, endpointsTotal: 20, ...facts },
})
const silent: Seen = {
  facts: { reachable: false, since: ago(121), participants: 5, conferences: 1, endpointsTotal: 20 },
}
/** Silent for so long that jicofo must have moved its people, and looked at just now. */
const gone = (facts: Seen['facts'] = {}): Seen => ({
  facts: { ...silent.facts, since: ago(700), at: ago(10), ...facts },
})
const old = (spec: Record<string, unknown> = {}): Seen => ({
  ...busy,
  revision: olderImage(contextWith({ spec })),
})
const oldRevision: Seen = { revision: olderImage(contextWith({})) }
/** It answers and is in its room, and says of itself that it is not well. */
const unwell: Seen = { facts: { ...busy.facts, at: ago(10), participants: 9, healthy: false } }
/** It has answered for so long, and not once joined its room. */
const neverJoined = (seconds: number): Seen => ({
  facts: { mucsJoined: 0, joinedSince: ago(seconds), at: ago(10) },
})
/** It has been in its room, and said for so long that it is not well. */
const unwellFor = (seconds: number): Seen => ({
  facts: { ...unwell.facts, unwellSince: ago(seconds) },
})
/** Nobody has looked at it for an hour. */
const longAgo = (seen: Seen): Seen => ({ ...seen, facts: { ...seen.facts, at: ago(3600) } })
/** Placed on a node so many seconds ago, where its image is still pulled. */
const starting = (age: number): Seen => ({
  facts: null,
  age,
  status: { phase: 'Pending', startTime: ago(age) },
})
/** Given a node so many seconds ago, of which its kubelet has said nothing. */
const boundFor = (seconds: number): Seen => ({
  facts: null,
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: ago(seconds) }],
  },
})
const unheard: Seen = { facts: null, age: 5000 }
/** Its program ends as soon as it begins. */
const crashing: Seen = {
  ...unheard,
  status: {
    phase: 'Running',
    startTime: ago(5000),
    containerStatuses: [
      {
        ...{ name: 'jvb', image: 'x', imageID: 'x', ready: false, restartCount: 9 },
        state: { waiting: { reason: 'CrashLoopBackOff' } },
      },
    ],
  },
}
const draining: Seen = { ...busy, intent: 'drain', reason: 'ScaleIn', deadlineIn: 1000 }
const empty: Seen = {
  intent: 'drain',
  reason: 'ScaleIn',
  facts: { at: ago(1), draining: true, empty: true, emptySince: ago(60), endpointsTotal: 20 },
}

const cases: (Situation & { name: string; want: string[] })[] = [
  { name: 'as many as wanted: nothing', bridges: [busy, busy], want: [] },
  {
    name: 'too few: as many as are missing',
    bridges: [busy],
    desired: 3,
    want: ['+ScaleOut', '+ScaleOut'],
  },
  {
    name: 'too many: the one with the fewest people drains',
    bridges: [busy, { facts: { participants: 2, conferences: 1, endpointsTotal: 2 } }, busy],
    desired: 2,
    want: ['1 drain ScaleIn'],
  },
  {
    name: 'one that never served goes before any that did, and at once',
    bridges: [busy, { node: null }, busy],
    desired: 2,
    want: ['1 remove NeverServed'],
  },
  {
    name: 'one whose program runs while another container waits for its image may have served',
    bridges: [
      busy,
      {
        facts: null,
        age: 60,
        status: {
          phase: 'Pending',
          containerStatuses: ['running', 'waiting'].map(state => ({
            ...{ name: state, image: 'x', imageID: 'x', ready: false, restartCount: 0 },
            state: { [state]: {} },
          })),
        },
      },
    ],
    desired: 1,
    want: [],
  },
  {
    name: 'people without a total of them are people: it drains, and is not removed',
    bridges: [unjoined({ endpointsTotal: 0, joinedSince: ago(30) }), busy],
    desired: 1,
    want: ['0 drain ScaleIn'],
  },
  {
    name: 'one whose people are unknown goes last',
    bridges: [{ facts: { reachable: false, since: ago(30) } }, busy, busy],
    desired: 1,
    want: ['1 drain ScaleIn'],
  },
  {
    name: 'too many with those that start: only as many go as serve beyond the wanted ones',
    bridges: [busy, busy, busy, { facts: null }, { facts: null }],
    desired: 2,
    want: ['0 drain ScaleIn'],
  },
  {
    name: 'drained and empty: removed',
    bridges: [busy, empty],
    desired: 1,
    want: ['1 remove Drained'],
  },
  {
    name: 'empty when it was looked at last, long ago: it may carry a meeting again',
    bridges: [busy, { ...empty, facts: { ...empty.facts, at: ago(61) } }],
    desired: 1,
    want: [],
  },
  {
    name: 'an empty one serves again where it is wanted, instead of a new one',
    bridges: [busy, empty],
    desired: 2,
    want: ['1 serve TakenBack'],
  },
  {
    name: 'a draining one serves again where it is wanted',
    bridges: [busy, draining],
    desired: 2,
    want: ['1 serve TakenBack'],
  },
  {
    name: 'one that serves again is one less to replace, however many may be made at once',
    spec: { jvb: { rollout: { maxSurge: 3 } } },
    bridges: [old({ jvb: { rollout: { maxSurge: 3 } } }), draining],
    desired: 2,
    want: ['1 serve TakenBack', '+Rollout'],
  },
  {
    name: 'of two draining ones that with more people serves again',
    bridges: [draining, { ...draining, facts: { participants: 9, conferences: 1 } }, busy],
    desired: 2,
    want: ['1 serve TakenBack'],
  },
  {
    name: 'one that shuts down has no way back',
    bridges: [busy, { ...draining, facts: { ...busy.facts, shuttingDown: true } }],
    desired: 2,
    want: ['+ScaleOut'],
  },
  {
    name: 'one past its deadline is not taken back',
    bridges: [busy, { ...draining, deadlineIn: -1 }],
    desired: 2,
    want: ['1 remove Evacuated', '+ScaleOut'],
  },
  {
    name: 'a cordoned node is left, and its bridge replaced',
    bridges: [busy, { ...busy, nodeFacts: { leaving: 'cordoned' } }],
    want: ['1 drain NodeLeaving', '+ScaleOut'],
  },
  {
    name: 'where one was placed just now, it is what is written of the node that is old',
    bridges: [busy, { ...starting(20), nodeFacts: { leaving: 'cordoned' } }],
    want: [],
  },
  {
    name: 'one that waits there for longer, as for its image, is removed, and replaced elsewhere',
    bridges: [busy, { ...starting(200), nodeFacts: { leaving: 'cordoned' } }],
    want: ['1 remove NeverServed', '+ScaleOut'],
  },
  {
    name: 'an outdated bridge on a node that is left is replaced once',
    bridges: [busy, { ...old(), nodeFacts: { leaving: 'cordoned' } }],
    want: ['1 drain NodeLeaving', '+ScaleOut'],
  },
  {
    name: 'a node that is gone takes its bridges out of the count',
    bridges: [busy, { ...busy, nodeFacts: { gone: true } }],
    want: ['+ScaleOut'],
  },
  {
    name: 'as many as are wanted take the place of those on gone nodes; more would be said to be gone too',
    desired: 2,
    bridges: [{}, {}, {}, {}].map(() => ({ ...busy, nodeFacts: { gone: true } })),
    want: [],
  },
  {
    name: 'those that drain there withhold nothing from those that served',
    desired: 2,
    bridges: [busy, busy, ...[1, 2, 3].map(() => draining)].map((seen, at) =>
      at === 0 ? seen : { ...seen, nodeFacts: { gone: true } },
    ),
    want: ['+ScaleOut'],
  },
  {
    name: 'a node that is not ready changes nothing',
    bridges: [busy, { ...busy, nodeFacts: { ready: false } }],
    want: [],
  },
  {
    name: 'a Pod that ended is replaced',
    bridges: [busy, { status: { phase: 'Failed' } }],
    want: ['1 remove PodEnded', '+ScaleOut'],
  },
  {
    name: 'a Pod that ended as soon as it was made waits a minute, or Pods would be made without pause',
    bridges: [busy, { status: { phase: 'Failed' }, age: 20, facts: null }],
    want: [],
  },
  {
    name: 'a Pod that is being deleted is replaced at once',
    bridges: [busy, { ...busy, graceLeft: 600 }],
    want: ['+ScaleOut'],
  },
  {
    name: 'a silent bridge is left alone, and one more made',
    bridges: [busy, silent],
    want: ['+ScaleOut'],
  },
  {
    name: 'so it is where silent ones that drain were on its node too: nothing takes their place',
    desired: 2,
    bridges: [busy, silent, ...[1, 2, 3].map(() => ({ ...draining, ...silent }))],
    want: ['+ScaleOut'],
  },
  {
    name: 'for two minutes nobody minds, nor for seven where a bridge has never answered',
    bridges: [
      { facts: { ...silent.facts, reachable: false, since: ago(120) } },
      { facts: null, age: 420 },
    ],
    want: [],
  },
  {
    name: 'after that somebody does',
    bridges: [busy, { ...unheard, age: 421 }],
    want: ['+ScaleOut'],
  },
  {
    name: 'a bridge that is silent for ten minutes stays while jicofo still knows it',
    bridges: [busy, gone(), busy],
    desired: 2,
    jicofo: { operationalBridges: 3 },
    want: [],
  },
  {
    name: 'it stays while a bridge that is in a room may be none that jicofo counts',
    bridges: [{ facts: { ...busy.facts, healthy: false } }, gone()],
    desired: 1,
    jicofo: { operationalBridges: 1 },
    want: [],
  },
  {
    name: 'it stays while one that shuts down may be none that jicofo counts',
    bridges: [{ facts: { ...busy.facts, shuttingDown: true } }, gone()],
    desired: 1,
    jicofo: { operationalBridges: 1 },
    want: [],
  },
  {
    name: 'it stays while jicofo’s number may be older than another bridge in the room',
    bridges: [{ facts: { ...busy.facts, joinedSince: ago(30) } }, gone()],
    desired: 1,
    jicofo: { operationalBridges: 1 },
    want: [],
  },
  {
    name: 'it stays before that, though jicofo dropped it',
    bridges: [busy, silent, busy],
    desired: 2,
    jicofo: { operationalBridges: 2 },
    want: [],
  },
  {
    name: 'it is removed when jicofo dropped it too',
    bridges: [busy, gone(), busy],
    desired: 2,
    jicofo: { operationalBridges: 2 },
    want: ['1 remove Lost'],
  },
  {
    name: 'it stays while nobody has looked at it for a minute: it may be well again',
    bridges: [busy, gone({ at: ago(61) }), busy],
    desired: 2,
    jicofo: { operationalBridges: 2 },
    want: [],
  },
  {
    name: 'it stays while what jicofo said is older than its silence',
    bridges: [busy, gone(), busy],
    desired: 2,
    jicofo: { operationalBridges: 2, at: ago(761) },
    want: [],
  },
  {
    name: 'it stays while jicofo has just started, and may not have heard of all bridges',
    bridges: [busy, gone(), busy],
    desired: 2,
    jicofo: { operationalBridges: 2, since: ago(59) },
    want: [],
  },
  {
    name: 'jicofo may have dropped it before we saw that it is silent',
    bridges: [busy, gone({ at: ago(60) }), busy],
    desired: 2,
    jicofo: { operationalBridges: 2, at: ago(760) },
    want: ['1 remove Lost'],
  },
  {
    name: 'when no bridge answers, that is not the fault of the bridges: one more tells',
    bridges: [silent, silent, silent],
    want: ['+ScaleOut'],
  },
  {
    name: 'and when that one is not heard of either, no other is made',
    bridges: [silent, silent, silent, { facts: null, age: 1000 }],
    desired: 3,
    want: [],
  },
  {
    name: 'bridges that never answer are not replaced for ever',
    bridges: [
      busy,
      ...Array.from(
        { length: 6 },
        (): Seen => ({
          facts: null,
          age: 5000,
          status: { phase: 'Pending', startTime: ago(5000) },
        }),
      ),
    ],
    desired: 3,
    want: [],
  },
  {
    name: 'all without XMPP: nothing is touched',
    bridges: [
      unjoined(),
      unjoined(),
      { ...draining, ...unjoined(), intent: 'drain', deadlineIn: -5 },
    ],
    desired: 1,
    want: [],
  },
  {
    name: 'all without XMPP: what is missing is made, no more',
    bridges: [unjoined(), unjoined()],
    desired: 3,
    want: ['+ScaleOut'],
  },
  {
    name: 'one alone without XMPP for two minutes is replaced',
    bridges: [busy, unjoined({ joinedSince: ago(200), at: ago(10) })],
    want: ['+ScaleOut'],
  },
  {
    name: 'one alone without XMPP for ten minutes is removed: jicofo has had time to move its people',
    bridges: [busy, unjoined({ joinedSince: ago(700), at: ago(10) }), busy],
    desired: 2,
    want: ['1 remove Lost'],
  },
  {
    name: 'it stays while nobody has looked at it for a minute: it may serve again',
    bridges: [busy, unjoined({ joinedSince: ago(700), at: ago(61) }), busy],
    desired: 2,
    want: [],
  },
  {
    name: 'it stays while jicofo is silent, or is being replaced: nobody has moved its people',
    bridges: [busy, unjoined({ joinedSince: ago(700), at: ago(10) }), busy],
    desired: 2,
    canMovePeople: false,
    want: [],
  },
  {
    name: 'after a long outage of prosody the last ones to come back are waited for',
    bridges: [
      { facts: { ...busy.facts, joinedSince: ago(5) } },
      unjoined({ joinedSince: ago(900), at: ago(900) }),
      unjoined({ joinedSince: ago(900), at: ago(900) }),
    ],
    want: [],
  },
  {
    name: 'one that has not joined once in seven minutes, while others have, is replaced',
    bridges: [busy, neverJoined(421)],
    want: ['+ScaleOut'],
  },
  {
    name: 'for seven minutes it is waited for',
    bridges: [busy, neverJoined(420)],
    want: [],
  },
  {
    name: 'and while nobody has looked at it for a minute: it may have joined',
    bridges: [busy, { facts: { ...neverJoined(3000).facts, at: ago(61) } }],
    want: [],
  },
  {
    name: 'nor is one of those then too many: it would be made again when somebody looks',
    bridges: [busy, ...[1, 2].map(() => ({ facts: { ...neverJoined(3000).facts, at: ago(61) } }))],
    desired: 2,
    want: [],
  },
  {
    name: 'after a long outage of prosody all that have never joined have their time',
    bridges: [{ facts: { ...busy.facts, joinedSince: ago(300) } }, neverJoined(3000)],
    want: [],
  },
  {
    name: 'while none has joined it is not their fault',
    bridges: [neverJoined(3000), neverJoined(3000)],
    want: [],
  },
  {
    name: 'one that never joined stays until as many as wanted serve',
    bridges: [busy, neverJoined(3000), { facts: { mucsJoined: 0 }, age: 60 }],
    desired: 2,
    want: [],
  },
  {
    name: 'then it goes, by a drain: it may join at any moment',
    bridges: [busy, neverJoined(3000), busy],
    desired: 2,
    want: ['1 drain NeverServed'],
  },
  {
    name: 'and is not taken back, should more be wanted',
    bridges: [busy, { ...neverJoined(3000), intent: 'drain', reason: 'NeverServed' }, busy],
    desired: 3,
    want: ['+ScaleOut'],
  },
  {
    name: 'bridges that never join are not replaced for ever',
    bridges: [busy, ...Array.from({ length: 5 }, () => neverJoined(3000))],
    desired: 3,
    want: [],
  },
  {
    name: 'a new one that never joins gets company once: it may be the fault of its node',
    bridges: [old(), old(), neverJoined(3000)],
    desired: 2,
    want: ['+Rollout'],
  },
  {
    name: 'a release that never joins is not tried for ever',
    bridges: [old(), old(), neverJoined(3000), neverJoined(3000)],
    desired: 2,
    want: [],
  },
  {
    name: 'one that never joined and is out of date makes room for the next release',
    bridges: [old(), old(), { ...neverJoined(3000), ...oldRevision }],
    desired: 2,
    want: ['2 drain Rollout'],
  },
  {
    name: 'one that has not been well for seven minutes, while others are, is replaced',
    bridges: [busy, unwellFor(421)],
    want: ['+ScaleOut'],
  },
  {
    name: 'for seven minutes it may be well again',
    bridges: [busy, unwellFor(420)],
    want: [],
  },
  {
    name: 'while none is well it is not their fault',
    bridges: [unwellFor(3000), unwellFor(3000)],
    want: [],
  },
  {
    name: 'it drains when as many as wanted serve: its meetings go on',
    bridges: [busy, unwellFor(3000), busy],
    desired: 2,
    want: ['1 drain Unwell'],
  },
  {
    name: 'not while nobody has looked at it for a minute: it may be well again, and serve',
    bridges: [busy, busy, longAgo(unwellFor(4000))],
    desired: 2,
    want: [],
  },
  {
    name: 'nor is it one too many then',
    bridges: [busy, busy, longAgo({ facts: { ...unwellFor(4000).facts, participants: 1 } })],
    desired: 2,
    want: [],
  },
  {
    name: 'nor does one of an older spec go first then, though fewer would serve than wanted',
    bridges: [longAgo({ ...oldRevision, ...unwell }), { ...busy, ...oldRevision }, busy],
    desired: 2,
    want: [],
  },
  {
    name: 'bridges that are not well are not replaced for ever',
    bridges: [busy, ...Array.from({ length: 5 }, () => unwellFor(3000))],
    desired: 3,
    want: [],
  },
  {
    name: 'a new one that is not well gets company once: it may be the fault of its node',
    bridges: [old(), old(), unwellFor(3000)],
    desired: 2,
    want: ['+Rollout'],
  },
  {
    name: 'a release that is never well is not tried for ever',
    bridges: [old(), old(), unwellFor(3000), unwellFor(3000)],
    desired: 2,
    want: [],
  },
  {
    name: 'an outdated bridge: a new one comes first',
    bridges: [busy, old()],
    want: ['+Rollout'],
  },
  {
    name: 'then the old one drains',
    bridges: [busy, old(), busy],
    desired: 2,
    want: ['1 drain Rollout'],
  },
  {
    name: 'not while the new one does not serve',
    bridges: [busy, old(), { facts: { mucsJoined: 0 } }],
    desired: 2,
    want: [],
  },
  {
    name: 'not while one that serves has not answered just now',
    bridges: [{ facts: { ...silent.facts, reachable: false, since: ago(20) } }, old(), busy],
    desired: 2,
    want: [],
  },
  {
    name: 'an old one that is not well goes first, for it does not serve: its successor does',
    bridges: [old(), { ...unwell, ...oldRevision }, old(), busy],
    desired: 3,
    want: ['1 drain Rollout'],
  },
  {
    name: 'also where more serve than wanted, and others have fewer people',
    bridges: [old(), { ...unwell, ...oldRevision }, old(), busy, busy],
    desired: 3,
    want: ['1 drain Rollout'],
  },
  {
    name: 'not while its successor does not serve: it may be well again before',
    bridges: [old(), { ...unwell, ...oldRevision }, old(), { facts: { mucsJoined: 0 }, age: 60 }],
    desired: 3,
    want: [],
  },
  {
    name: 'of several that are not well as many as have a successor, though fewer serve than wanted',
    bridges: [{ ...unwell, ...oldRevision }, { ...unwell, ...oldRevision }, old(), busy],
    desired: 3,
    want: ['0 drain Rollout'],
  },
  {
    name: 'one that is up to date is waited for',
    bridges: [unwell, old(), old(), busy],
    desired: 3,
    want: [],
  },
  {
    name: 'one that is not well makes room where a new one finds no place, though fewer serve than wanted',
    bridges: [old(), { ...unwell, ...oldRevision }, { node: null, age: 400 }],
    desired: 2,
    want: ['1 drain Rollout'],
  },
  {
    name: 'not while prosody or jicofo restart',
    bridges: [busy, old()],
    rolloutAllowed: false,
    want: [],
  },
  {
    name: 'as many as the surge allows, draining ones included',
    spec: { jvb: { rollout: { maxSurge: 3 } } },
    bridges: [
      old({ jvb: { rollout: { maxSurge: 3 } } }),
      old({ jvb: { rollout: { maxSurge: 3 } } }),
      busy,
      {
        ...old({ jvb: { rollout: { maxSurge: 3 } } }),
        intent: 'drain',
        reason: 'Rollout',
        deadlineIn: 900,
      },
    ],
    desired: 3,
    want: ['+Rollout', '+Rollout'],
  },
  {
    name: 'a new one that is never heard of gets company once: it may be the fault of its node',
    bridges: [old(), old(), unheard],
    desired: 2,
    want: ['+Rollout'],
  },
  {
    name: 'a release that never answers is not tried for ever',
    bridges: [old(), old(), unheard, unheard],
    desired: 2,
    want: [],
  },
  {
    name: 'one of it that never started makes room for the next release',
    bridges: [old(), old(), { ...starting(5000), ...oldRevision }],
    desired: 2,
    want: ['2 remove NeverServed'],
  },
  {
    name: 'so does one that crashes at each start, and was never heard of',
    bridges: [old(), old(), { ...crashing, ...oldRevision }],
    desired: 2,
    want: ['2 remove NeverServed'],
  },
  {
    name: 'one that crashed, and was heard of, may be back in a moment with its drain',
    bridges: [busy, busy, { ...crashing, facts: { ...busy.facts, participants: 1 } }],
    desired: 2,
    want: ['2 drain ScaleIn'],
  },
  {
    name: 'one that runs, and was never heard of, may have people on it',
    bridges: [busy, busy, { ...unheard, ...oldRevision }],
    desired: 2,
    want: [],
  },
  {
    name: 'a new one that ended as soon as it was made waits a minute for the next try',
    bridges: [old(), old(), { status: { phase: 'Failed' }, age: 20, facts: null }],
    desired: 2,
    want: [],
  },
  {
    name: 'a new one that finds no place for five minutes: an old one makes room, if others can take its people',
    bridges: [old(), old(), { node: null, age: 400 }],
    desired: 2,
    want: ['0 drain Rollout'],
  },
  {
    name: 'the next old one makes room only when the new one that has found a place serves',
    bridges: [old(), old(), { node: null, age: 400 }, { facts: { mucsJoined: 0 }, age: 60 }],
    desired: 3,
    want: [],
  },
  {
    name: 'no old one makes room while fewer serve than wanted: a new one may be about to take its place',
    bridges: [old(), old(), { node: null, age: 400 }, { node: null, age: 400 }],
    desired: 3,
    want: [],
  },
  {
    name: 'no old one makes room for a release that never answers',
    bridges: [old(), old(), old(), { node: null, age: 400 }, unheard],
    desired: 3,
    want: [],
  },
  {
    name: 'but not the only one that serves, while people are on it',
    bridges: [old(), { node: null, age: 400 }],
    desired: 1,
    want: [],
  },
  {
    name: 'the only one makes room when nobody is on it',
    bridges: [
      { ...old(), facts: { endpointsTotal: 20 } },
      { node: null, age: 400 },
    ],
    desired: 1,
    want: ['0 drain Rollout'],
  },
  {
    name: 'a second old one waits until the first is gone',
    bridges: [
      old(),
      { ...old(), intent: 'drain', reason: 'Rollout', deadlineIn: 900 },
      old(),
      { node: null, age: 400 },
    ],
    desired: 3,
    want: [],
  },
]

for (const { name, want, ...situation } of cases) {
  t.test(name, async t => t.strictSame(summary(decide(situation)), want))
}

const onePort = { ports: { count: 1 } }
const notReady = (node: KubeObject): KubeObject => ({
  ...node,
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
})
const firstNotReady = threeNodes.map((node, at) => (at === 0 ? notReady(node) : node))
const daemonset = (more: Record<string, unknown> = {}) => ({
  jvb: { strategy: { type: 'daemonset' }, ...more },
})
const on = (number: number): Seen => ({ node: `node-${number}`, index: number })
const refused = (seen: Seen = {}): Seen => ({
  node: null,
  age: 60,
  status: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        message:
          "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.",
      },
    ],
  },
  ...seen,
})

t.test('where there is no place beside the old bridge', async t => {
  const oneForEach = daemonset(onePort)
  const twoForEach = daemonset({ ports: { count: 2 } })
  const shared = { jvb: { ...onePort, ports: { count: 2 }, exposure: { type: 'LoadBalancer' } } }
  const full: Seen = { ...old(daemonset()), facts: { ...busy.facts, stress: 0.9 } }
  const places: (Situation & { name: string; want: string[] })[] = [
    {
      name: 'one port for each node: one old bridge drains first, where others can take its people',
      spec: oneForEach,
      bridges: [1, 2, 3].map(number => ({ ...old(oneForEach), ...on(number) })),
      want: ['1 drain Rollout'],
    },
    {
      name: 'and the next one only when all wanted ones serve again',
      spec: oneForEach,
      bridges: [
        { ...busy, ...on(1), facts: { mucsJoined: 0 } },
        { ...old(oneForEach), ...on(2) },
        { ...old(oneForEach), ...on(3) },
      ],
      want: [],
    },
    {
      name: 'bridges that never started leave the only port of their nodes to those of a mended spec',
      spec: oneForEach,
      bridges: [1, 2, 3].map(number => ({
        ...starting(5000),
        ...on(number),
        revision: old(oneForEach).revision ?? '',
        pinnedTo: `node-${number}`,
      })),
      want: ['1 remove NeverServed', '2 remove NeverServed', '3 remove NeverServed'],
    },
    {
      name: 'a node that is not ready, and whose bridge is silent, holds up no other',
      spec: oneForEach,
      bridges: [
        { ...old(oneForEach), ...on(1), ...silent },
        { ...old(oneForEach), ...on(2) },
        { ...old(oneForEach), ...on(3) },
      ],
      nodes: firstNotReady,
      want: ['2 drain Rollout'],
    },
    {
      name: 'nor one whose bridge is not well: that one could not go first',
      spec: oneForEach,
      bridges: [
        { ...old(oneForEach), ...on(1), facts: unwell.facts ?? {} },
        { ...old(oneForEach), ...on(2) },
        { ...old(oneForEach), ...on(3) },
      ],
      nodes: firstNotReady,
      want: ['2 drain Rollout'],
    },
    {
      name: 'nor one where the new bridge serves already, and the old one stays beside it',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...busy, ...on(1), index: 4, port: 10001 },
      ],
      nodes: firstNotReady,
      want: ['+Rollout@node-2'],
    },
    {
      name: 'nor one whose kubelet went silent before it heard of the new bridge',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...boundFor(421), ...on(1), index: 4, port: 10001 },
      ],
      nodes: firstNotReady,
      want: ['+Rollout@node-2'],
    },
    {
      name: 'for seven minutes it is waited for there',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...boundFor(420), ...on(1), index: 4, port: 10001 },
      ],
      nodes: firstNotReady,
      want: [],
    },
    {
      name: 'where the new bridge does not serve yet, it may be what ails the node: others wait',
      spec: oneForEach,
      bridges: [
        { ...on(1), facts: null, age: 60 },
        { ...old(oneForEach), ...on(2) },
        { ...old(oneForEach), ...on(3) },
      ],
      nodes: firstNotReady,
      want: [],
    },
    {
      name: 'one that is not well makes room first, though its node alone has none that serves',
      spec: oneForEach,
      bridges: [1, 2, 3].map(number => ({
        ...old(oneForEach),
        ...on(number),
        ...(number === 2 ? { facts: unwell.facts ?? {} } : {}),
      })),
      want: ['2 drain Rollout'],
    },
    {
      name: 'a port for each bridge of a shared address: one drains first',
      spec: shared,
      bridges: [
        { ...old(shared), port: 10000 },
        { ...old(shared), port: 10001 },
      ],
      desired: 2,
      want: ['0 drain Rollout'],
    },
    {
      name: 'two ports for each node: the old one waits until the new one on the other port serves',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { index: 4, node: null, pinnedTo: 'node-1', port: 10001, age: 20 },
      ],
      want: [],
    },
    {
      name: 'nor does it make room where one that nobody needs any more goes, and leaves its port',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...old(twoForEach), index: 4, node: null, pinnedTo: 'node-1', port: 10001, age: 2 },
      ],
      want: ['4 remove NeverServed'],
    },
    {
      name: 'nor while one that was overtaken by the next change, and has not answered yet, holds it',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...old(twoForEach), ...on(1), index: 4, port: 10001, facts: null, age: 30 },
      ],
      want: [],
    },
    {
      name: 'nor while one that is stopped still holds the other port; only one that hangs does not count',
      spec: twoForEach,
      bridges: [
        { ...old(twoForEach), ...on(1) },
        { ...busy, index: 4, node: 'node-1', port: 10001, graceLeft: 600 },
        { ...old(twoForEach), ...on(2) },
        { ...busy, index: 5, node: 'node-2', port: 10001, graceLeft: -60 },
        { ...old(twoForEach), ...on(3) },
      ],
      want: ['2 drain Rollout', '+Rollout@node-3'],
    },
    {
      name: 'nor when one that ended as soon as it was made leaves it: the next one may end as well',
      spec: twoForEach,
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(twoForEach), ...on(number) })),
        { ...on(1), index: 4, port: 10001, facts: null, age: 60, status: { phase: 'Failed' } },
      ],
      want: ['4 remove PodEnded', '+Rollout@node-2'],
    },
    {
      name: 'least of all the only one, which nobody is on at the moment',
      spec: shared,
      bridges: [
        { revision: olderImage(contextWith({ spec: shared })) },
        { port: 10001, facts: null, age: 60, status: { phase: 'Failed' } },
      ],
      desired: 1,
      want: ['1 remove PodEnded'],
    },
    {
      name: 'none drains first while prosody or jicofo restart',
      spec: oneForEach,
      bridges: [1, 2, 3].map(number => ({ ...old(oneForEach), ...on(number) })),
      rolloutAllowed: false,
      want: [],
    },
    {
      name: 'a node that is full holds up no other: its new bridge counts as surge no longer',
      spec: daemonset(),
      bridges: [
        { ...full, ...on(1) },
        { ...full, ...on(2) },
        { ...full, ...on(3) },
        { index: 4, node: null, pinnedTo: 'node-1', age: 400 },
      ],
      want: ['+Rollout@node-2'],
    },
    {
      name: 'a new one that never joins on one node holds up no other node, nor is tried there again',
      spec: daemonset(),
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(daemonset()), ...on(number) })),
        { ...neverJoined(3000), ...on(1), index: 4, pinnedTo: 'node-1', port: 10001 },
      ],
      want: ['+Rollout@node-2'],
    },
    {
      name: 'not even two of one node, as where others were missing there',
      spec: daemonset(),
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(daemonset()), ...on(number) })),
        { ...neverJoined(3000), ...on(1), index: 4, pinnedTo: 'node-1', port: 10001 },
        { ...unheard, ...on(1), index: 5, pinnedTo: 'node-1', port: 10002 },
      ],
      want: ['+Rollout@node-2'],
    },
    {
      name: 'on two nodes it is the fault of the release',
      spec: daemonset(),
      bridges: [
        ...[1, 2, 3].map(number => ({ ...old(daemonset()), ...on(number) })),
        { ...neverJoined(3000), ...on(1), index: 4, pinnedTo: 'node-1', port: 10001 },
        { ...unheard, ...on(2), index: 5, pinnedTo: 'node-2', port: 10001 },
      ],
      want: [],
    },
    {
      name: 'of full nodes one at a time makes room: the next one when the successor serves',
      spec: daemonset(),
      bridges: [
        { ...old(daemonset()), ...on(1), intent: 'drain', reason: 'Rollout', deadlineIn: 900 },
        { index: 4, node: null, pinnedTo: 'node-1', age: 700 },
        { ...old(daemonset()), ...on(2) },
        { index: 5, node: null, pinnedTo: 'node-2', age: 400 },
        { ...old(daemonset()), ...on(3) },
        { index: 6, node: null, pinnedTo: 'node-3', age: 100 },
      ],
      want: [],
    },
  ]
  for (const { name, want, ...situation } of places) {
    t.test(name, async t => {
      const { creations, withoutPort } = answer(situation)
      const made = creations.filter(creation => !withoutPort.includes(creation))
      t.strictSame(summary({ ...decide(situation), creations: made }), want)
    })
  }
})

t.test('a node that is left is named, whoever tells of it', async t => {
  const nodes: (Situation & { name: string; message: string })[] = [
    {
      name: 'cordoned, as the observer saw',
      bridges: [busy, { ...busy, nodeFacts: { leaving: 'cordoned' } }],
      message: 'node node-1 is cordoned: its bridges drain, and others take their place',
    },
    {
      name: 'cordoned, as the list of nodes says',
      spec: daemonset(),
      bridges: [busy, { ...busy, node: 'node-2' }],
      nodes: [
        node('node-1', '203.0.113.1'),
        node('node-2', '203.0.113.2', { unschedulable: true }),
      ],
      message: 'node node-2 is cordoned: its bridges drain, and others take their place',
    },
    {
      name: 'cordoned while the bridge is out of date, before the observer saw it',
      spec: daemonset(),
      bridges: [busy, { ...old(daemonset()), node: 'node-2' }],
      nodes: [
        node('node-1', '203.0.113.1'),
        node('node-2', '203.0.113.2', { unschedulable: true }),
      ],
      message: 'node node-2 is cordoned: its bridges drain, and others take their place',
    },
    {
      name: 'cordoned while it is not ready: its bridge may be well, and somebody is to mend the node',
      spec: daemonset(),
      bridges: [busy, { ...busy, node: 'node-2' }],
      nodes: [
        node('node-1', '203.0.113.1'),
        notReady(node('node-2', '203.0.113.2', { unschedulable: true })),
      ],
      message: 'node node-2 is cordoned: its bridges drain, and others take their place',
    },
    {
      name: 'no node of the daemonset any more',
      spec: daemonset(),
      bridges: [busy, { ...busy, node: 'node-2' }],
      nodes: [node('node-1', '203.0.113.1')],
      message:
        'node node-2 is not one of spec.jvb.nodeSelector and spec.jvb.tolerations: its bridges drain, and others take their place',
    },
  ]
  for (const { name, message, ...situation } of nodes) {
    t.test(name, async t => {
      const { verdicts } = decide(situation)
      t.same(verdicts.get('meet-jvb-1'), { action: 'drain', reason: 'NodeLeaving', message })
    })
  }
})

t.test('people who were just moved settle before others are', async t => {
  const grace = 2760
  const leaving = (seen: Seen): Seen => ({ ...draining, grace, ...seen })
  const leavers: (Situation & { name: string; want: string | undefined })[] = [
    { name: 'nobody leaves', bridges: [busy, draining], want: undefined },
    {
      name: 'one evacuated just now',
      bridges: [busy, leaving({ deadlineIn: -30, graceLeft: grace - 10 })],
      want: ago(0),
    },
    {
      name: 'one that somebody deleted, while its meetings may still end',
      bridges: [busy, leaving({ deadlineIn: 1000, graceLeft: grace - 10 })],
      want: undefined,
    },
    {
      name: 'one that somebody deleted, at the end of its patience',
      bridges: [busy, { ...busy, grace, graceLeft: 30 }],
      want: ago(0),
    },
    {
      name: 'one that hangs: its people have long been elsewhere',
      bridges: [busy, leaving({ deadlineIn: -300, graceLeft: grace - 200 })],
      want: undefined,
    },
    {
      name: 'one that was empty',
      bridges: [busy, { ...empty, grace, deadlineIn: -30, graceLeft: grace - 10 }],
      want: undefined,
    },
  ]
  for (const { name, want, ...situation } of leavers) {
    t.test(name, async t => t.equal(decide({ ...situation, desired: 1 }).lastEvacuation, want))
  }
})

t.test('a port that the scheduler refused', async t => {
  const twoForEach = daemonset({ ports: { count: 2 } })
  const ports: (Situation & { name: string; want: string[] })[] = [
    {
      name: 'is passed over for the next one',
      bridges: [refused()],
      want: ['0 remove PortTaken', '+PortTaken'],
    },
    {
      name: 'stays refused when all have been tried, and the last one waits for it',
      spec: { jvb: { ports: { count: 2 } } },
      bridges: [refused({ port: 10001, portsRefused: [10000] })],
      want: [],
    },
    {
      name: 'makes no new bridge where none is wanted',
      bridges: [busy, refused()],
      desired: 1,
      want: ['1 remove NeverServed'],
    },
    {
      name: 'stays refused where the other one is that of our own bridge on the node',
      spec: twoForEach,
      nodes: [node('node-1', '203.0.113.1')],
      bridges: [old(twoForEach), refused({ port: 10001, pinnedTo: 'node-1' })],
      want: [],
    },
    {
      name: 'is given up for that of a bridge which has gone from the node',
      spec: twoForEach,
      nodes: [node('node-1', '203.0.113.1')],
      bridges: [refused({ port: 10001, pinnedTo: 'node-1' })],
      want: ['0 remove PortTaken', '+PortTaken@node-1'],
    },
    {
      name: 'is given up by one bridge alone where one other is left',
      spec: daemonset({ strategy: { type: 'daemonset', perNode: 2 }, ports: { count: 3 } }),
      nodes: [node('node-1', '203.0.113.1')],
      bridges: [
        refused({ port: 10000, pinnedTo: 'node-1' }),
        refused({ port: 10001, pinnedTo: 'node-1' }),
      ],
      want: ['0 remove PortTaken', '+PortTaken@node-1'],
    },
    {
      name: 'stays refused where every other one behind a shared address has its bridge',
      spec: { jvb: { ports: { count: 2 }, exposure: { type: 'LoadBalancer' } } },
      bridges: [busy, refused({ port: 10001 })],
      want: [],
    },
  ]
  for (const { name, want, ...situation } of ports) {
    t.test(name, async t => t.strictSame(summary(decide(situation)), want))
  }
})

t.test('one bridge at a time is evacuated', async t => {
  const due = (seen: Seen = {}): Seen => ({ ...draining, deadlineIn: -5, ...seen })
  const stressed: Seen = { facts: { ...busy.facts, stress: 0.75 } }
  const evacuations: (Situation & { name: string; want: string[]; blocked: object | undefined })[] =
    [
      {
        name: 'that whose deadline passed first',
        bridges: [busy, due(), due({ deadlineIn: -50 })],
        desired: 1,
        want: ['2 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'not while another one is on its way out',
        bridges: [busy, due(), { ...draining, graceLeft: 1000 }],
        desired: 1,
        want: [],
        blocked: { reason: 'PeopleMoving', message: /waits for meet-jvb-2 to be gone/ },
      },
      {
        name: 'one that hangs beyond its grace period carries nobody, and blocks nobody',
        bridges: [busy, due(), { ...draining, graceLeft: -10 }],
        desired: 1,
        want: ['1 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'not before the people of the last one have settled',
        bridges: [busy, due()],
        desired: 1,
        lastEvacuation: ago(10),
        want: [],
        blocked: { reason: 'PeopleSettling', message: /settled/ },
      },
      {
        name: 'nor after what reads as 20 s, and may be 19 since times are written in whole ones',
        bridges: [busy, due()],
        desired: 1,
        lastEvacuation: ago(20),
        want: [],
        blocked: { reason: 'PeopleSettling', message: /settled/ },
      },
      {
        name: 'after that',
        bridges: [busy, due()],
        desired: 1,
        lastEvacuation: ago(21),
        want: ['1 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'not without another one that serves',
        bridges: [due(), silent],
        desired: 0,
        want: [],
        blocked: { reason: 'NoRoom', message: /no other serving bridge has room/ },
      },
      {
        name: 'not where the others would be too full',
        bridges: [stressed, due({ facts: { ...busy.facts, stress: 0.3 } })],
        desired: 1,
        want: [],
        blocked: { reason: 'NoRoom', message: /no other serving bridge has room/ },
      },
      {
        name: 'not while jicofo or prosody is silent: nobody else moves its people',
        bridges: [busy, due({ deadlineIn: -599 })],
        desired: 1,
        canMovePeople: false,
        want: [],
        blocked: {
          reason: 'JicofoSilent',
          message:
            'meet-jvb-1 is past its deadline, but jicofo or prosody does not answer, and nobody else moves its people to other bridges: it goes when both do, at 2026-11-23T10:00:01Z at the latest',
        },
      },
      {
        name: 'nor one of which nobody knows who is on it',
        bridges: [busy, { ...due(), facts: silent.facts ?? {} }],
        desired: 1,
        canMovePeople: false,
        want: [],
        blocked: { reason: 'JicofoSilent' },
      },
      {
        name: 'ten minutes later all the same: somebody was promised the node',
        bridges: [busy, due({ deadlineIn: -600 })],
        desired: 1,
        canMovePeople: false,
        want: ['1 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'one with nobody on it needs no jicofo, and waits for none that does',
        bridges: [busy, due({ deadlineIn: -50 }), due({ facts: { endpointsTotal: 20 } })],
        desired: 1,
        canMovePeople: false,
        want: ['2 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'a silent one past its deadline as well',
        bridges: [busy, { ...due(), facts: silent.facts ?? {} }],
        desired: 1,
        want: ['1 remove Evacuated'],
        blocked: undefined,
      },
      {
        name: 'none where the spec says wait',
        spec: { jvb: { drain: { policy: 'wait' } } },
        bridges: [busy, due()],
        desired: 1,
        want: [],
        blocked: undefined,
      },
    ]
  for (const { name, want, blocked, ...situation } of evacuations) {
    t.test(name, async t => {
      const plan = decide(situation)
      t.strictSame(summary(plan), want)
      const condition = { type: 'EvacuationBlocked', status: 'True' }
      if (blocked) t.match(plan.evacuationBlocked, { ...condition, ...blocked })
      else t.equal(plan.evacuationBlocked, undefined)
    })
  }
})

t.test('nobody is said to be moved where jicofo is silent', async t => {
  const messages = [true, false].map(canMovePeople => {
    const late = { ...draining, deadlineIn: -600 }
    const { verdicts } = decide({ bridges: [busy, late], desired: 1, canMovePeople })
    return verdicts.get('meet-jvb-1')?.message
  })
  t.strictSame(messages, [
    'its drain deadline has passed: its people are moved to other bridges',
    'its drain deadline passed ten minutes ago, and jicofo or prosody, which would move its people, does not answer',
  ])
})

t.test('a large fleet is decided about without a step that grows with its square', async t => {
  const spec = { jvb: { strategy: { replicas: 3000 } } }
  const outdated = old(spec)
  const bridges = Array.from({ length: 3000 }, (_, index) => ({
    ...outdated,
    index,
    node: `node-${index}`,
  }))
  t.same(summary(decide({ spec, bridges, desired: 3000 })), ['+Rollout'])
})

t.test('an answer makes a hundred bridges at most', async t => {
  const names = (situation: Situation) => answer(situation).created.map(({ name }) => name)
  const hundred = Array.from({ length: 100 }, (_, index) => index)
  const all = hundred.map(index => ({ ...busy, index }))
  t.same(
    names({ desired: 250 }),
    hundred.map(index => `meet-jvb-${index}`),
  )
  t.same(
    names({ bridges: all, desired: 250 }),
    hundred.map(index => `meet-jvb-${index + 100}`),
    'the next one goes on with the numbers',
  )
  t.equal(names({ bridges: all, desired: 120 }).length, 20)

  const { objects } = answer({ desired: 250 })
  t.equal(objects.filter(({ kind }) => kind === 'Pod').length, 100)

  const perBridge = { jvb: { exposure: { type: 'NodePort' } } }
  const services = answer({ spec: perBridge, desired: 250 }).objects
  const nodePorts = services.filter(
    ({ spec }) => (spec as ServiceSpec | undefined)?.type === 'NodePort',
  )
  t.equal(nodePorts.length, 100, 'a Service for each')
})

t.test('bridges without a port do not keep others from being made', async t => {
  const nodes = Array.from({ length: 150 }, (_, index) => node(`node-${index}`, '203.0.113.1'))
  const spec = daemonset({ strategy: { type: 'daemonset', perNode: 2 }, ports: { count: 1 } })
  const bridges = nodes
    .slice(0, 120)
    .map((_, index) => ({ ...busy, index, node: `node-${index}`, pinnedTo: `node-${index}` }))
  const { created, withoutPort } = answer({ spec, nodes, bridges })
  t.equal(created.length, 30)
  t.equal(withoutPort.length, 150)

  const shared = { jvb: { exposure: { type: 'LoadBalancer' }, ports: { count: 150 } } }
  const { length } = answer({ spec: shared, desired: 200 }).withoutPort
  t.equal(length, 50, 'also of those that are not made yet it is told')
})

t.test('of bridges whose port is taken, a hundred are replaced at once', async t => {
  const bridges = Array.from({ length: 150 }, (_, index) => ({ ...refused(), index }))
  const { verdicts, created } = answer({
    spec: { jvb: { ports: { count: 9 } } },
    bridges,
    desired: 300,
  })
  t.equal([...verdicts.values()].filter(({ action }) => action === 'remove').length, 100)
  t.equal(created.length, 100)
  t.ok(created.every(({ creation }) => creation.portsRefused.includes(10000)))
})

t.test('numbers of bridges are not used again', async t => {
  const names = (situation: Situation) => answer(situation).created.map(({ name }) => name)
  const cases: (Situation & { name: string; want: string[] })[] = [
    { name: 'they begin with 0', desired: 2, want: ['meet-jvb-0', 'meet-jvb-1'] },
    { name: 'and go on', bridges: [busy], desired: 2, want: ['meet-jvb-1'] },
    {
      name: 'after that of a bridge that is gone: an older view may not have the next one yet',
      bridges: [busy],
      lastNumber: 8,
      desired: 2,
      want: ['meet-jvb-9'],
    },
    {
      name: 'whatever a lost status says',
      bridges: [busy, busy],
      lastNumber: 0,
      desired: 3,
      want: ['meet-jvb-2'],
    },
  ]
  for (const { name, want, ...situation } of cases) {
    t.test(name, async t => t.same(names(situation), want))
  }
})
