import fc from 'fast-check'
import type { BridgeFacts } from '../../src/api/facts.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { jicofoPod, observe, servingFacts, settle, threeNodes } from './cluster.ts'
import { configMap, earlier, inputs, jitsi, objectMap, request } from './fixtures.ts'
import { freeze } from './freeze.ts'

/** Names that the API server lets a Jitsi have, long ones too. */
export const instance = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('meet', 'a', 'school-of-fish') },
  {
    weight: 1,
    arbitrary: fc.constant('the-video-conferences-of-the-school-of-applied-sciences-in-the-north'),
  },
  fc.stringMatching(/^[a-z]([-a-z0-9]{0,78}[a-z0-9])$/),
)

const strategy = fc.oneof(
  fc.record({ type: fc.constant('static'), replicas: fc.nat(5) }),
  fc.record({ type: fc.constant('daemonset'), perNode: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    type: fc.constant('autoscaled'),
    minReplicas: fc.integer({ min: 1, max: 3 }),
    maxReplicas: fc.integer({ min: 3, max: 6 }),
  }),
)

const exposure = fc.oneof(
  fc.record({ type: fc.constantFrom('HostPort', 'NodePort', 'None') }),
  fc.record({ type: fc.constant('LoadBalancer'), perBridge: fc.boolean() }),
)

/** Everything but what a Jitsi has by default. */
export const spec = fc.record(
  {
    region: fc.constantFrom('default', 'europe'),
    timezone: fc.constantFrom('UTC', 'Europe/Paris', 'Asia/Kolkata'),
    metrics: fc.boolean(),
    variables: fc.dictionary(
      fc.constantFrom('ENABLE_LOBBY', 'RESOLUTION', 'TZ', 'NO_SUCH_SETTING', 'JVB_PORT'),
      fc.constantFrom('true', '720', ''),
    ),
    ingress: fc.record({ enabled: fc.boolean(), tls: fc.boolean() }),
    turn: fc.record({ host: fc.constant('turn.example.org'), tls: fc.boolean() }),
    web: fc.record(
      {
        replicas: fc.nat(3),
        labels: fc.constant({ 'app.kubernetes.io/component': 'mine', team: 'av' }),
        customConfigCM: fc.constantFrom({ name: 'look' }, { name: 'missing' }),
        customCloseConfigCM: fc.constant({ name: 'look' }),
      },
      { requiredKeys: [] },
    ),
    jvb: fc.record(
      {
        strategy,
        exposure,
        ports: fc.record({
          udp: fc.constantFrom(10_000, 30_000),
          count: fc.integer({ min: 1, max: 8 }),
        }),
        resources: fc.constant({ limits: { cpu: '1500m', memory: '2048Mi' } }),
        drain: fc.record({ policy: fc.constantFrom('evacuate', 'wait') }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const facts = fc.record({
  mucsJoined: fc.nat(1),
  participants: fc.constantFrom(0, 3, 40),
  conferences: fc.nat(2),
  stress: fc.constantFrom(0, 0.5, 0.95),
  reachable: fc.boolean(),
  draining: fc.boolean(),
  empty: fc.boolean(),
  endpointsTotal: fc.constantFrom(0, 50),
})

/** What befalls one bridge: its facts, the plan's earlier words, or the end. */
const fate = fc.record(
  {
    facts,
    node: fc.constantFrom('cordoned', null),
    drainingSince: fc.constantFrom(earlier, 'yesterday'),
    drainDeadline: fc.constantFrom('1', '1895000000', '99999999999999999999', 'soon'),
    revision: fc.constantFrom('{}', 'null', '{"image":"older"}', 'torn{'),
    ending: fc.constantFrom('Failed', 'Terminating', 'Pending'),
  },
  { requiredKeys: [] },
)

/** How a call came about; short, so that a law that fails shows what it takes. */
export interface Recipe {
  name: string
  spec: object
  /** Before anything exists, once the passwords do, or once all of it runs. */
  stage: 'first' | 'making' | 'resting'
  /** What befalls the bridges, each in turn. */
  fates: Fate[]
}

type Fate = Partial<
  Record<'node' | 'drainingSince' | 'drainDeadline' | 'revision' | 'ending', string | null> & {
    facts: Partial<BridgeFacts>
  }
>

/** Few enough that each is brought to rest but once: that is what takes time. */
const installations = [
  ...fc.sample(fc.record({ name: instance, spec }), 20),
  // Crowded ones, which chance seldom brings.
  ...[
    { strategy: { type: 'daemonset', perNode: 3 } },
    {
      strategy: { type: 'static', replicas: 5 },
      exposure: { type: 'LoadBalancer' },
      ports: { udp: 10_000, count: 3 },
    },
    { strategy: { type: 'static', replicas: 5 }, ports: { udp: 10_000, count: 2 } },
  ].map(jvb => ({ name: 'meet', spec: { jvb } })),
]

const recipe = (stage: Recipe['stage'], fates: fc.Arbitrary<Fate[]>): fc.Arbitrary<Recipe> =>
  fc
    .record({ installation: fc.constantFrom(...installations), fates })
    .map(({ installation, fates }) => ({ ...installation, stage, fates }))

/** Nothing of the Jitsi exists. */
export const first = recipe('first', fc.constant([]))

/** All of it is about to be made: the answer in which every bridge gets its place and port. */
export const making = recipe('making', fc.constant([]))

/** All of it runs and is at rest. */
export const resting = recipe('resting', fc.constant([]))

/** In the middle of things: bridges with meetings, draining, silent, failed, going. */
export const busy = recipe('resting', fc.array(fate as fc.Arbitrary<Fate>, { maxLength: 4 }))

/** The call that a recipe stands for. */
export function requestOf({ stage, fates, ...installation }: Recipe): SyncRequest {
  if (stage === 'resting') return afflicted(restingCall(installation), fates)
  const call = firstCall(installation)
  return stage === 'first' ? call : observe(call, reconcile(call, inputs).response)
}

const restingCalls = new Map<string, SyncRequest>()

function restingCall(installation: Pick<Recipe, 'name' | 'spec'>): SyncRequest {
  const key = JSON.stringify(installation)
  const call = restingCalls.get(key) ?? freeze(settle(firstCall(installation)).request)
  restingCalls.set(key, call)
  return call
}

function firstCall({ name, spec }: Pick<Recipe, 'name' | 'spec'>): SyncRequest {
  return request({
    jitsi: jitsi({ name, spec }),
    related: [
      configMap('look', { 'custom-config.js': 'config.a = 1;', 'custom-close.html': 'bye' }),
      ...threeNodes,
      jicofoPod(name),
    ],
    kinds: ['podmonitors'],
  })
}

function afflicted(resting: SyncRequest, fates: readonly Fate[]): SyncRequest {
  const pods = Object.values(resting.children['Pod.v1'] ?? {})
  const met = pods.map((pod, index) => befallen(pod, fates[index % fates.length] ?? {}))
  return { ...resting, children: { ...resting.children, ...objectMap(met) } }
}

function befallen(pod: KubeObject, fate: Fate): KubeObject {
  const { annotations: written = {}, ...metadata } = pod.metadata
  const node = JSON.parse(written[annotation.node] ?? '{}') as object
  const annotations = {
    ...written,
    ...(fate.facts && { [annotation.facts]: JSON.stringify({ ...servingFacts, ...fate.facts }) }),
    ...(fate.node && { [annotation.node]: JSON.stringify({ ...node, leaving: fate.node }) }),
    ...(fate.revision && { [annotation.revision]: fate.revision }),
    ...(fate.drainingSince && {
      [annotation.intent]: 'drain',
      [annotation.intentReason]: 'ScaleIn',
      [annotation.drainingSince]: fate.drainingSince,
    }),
    ...(fate.drainDeadline && { [annotation.drainDeadline]: fate.drainDeadline }),
  }
  const { nodeName: _, ...unbound } = pod.spec as Record<string, unknown>
  return {
    ...pod,
    metadata: {
      ...metadata,
      ...(fate.ending === 'Terminating' ? { deletionTimestamp: earlier } : {}),
      annotations,
    },
    ...(fate.ending === 'Failed' ? { status: { phase: 'Failed' } } : {}),
    ...(fate.ending === 'Pending' ? { spec: unbound, status: { phase: 'Pending' } } : {}),
  }
}

/** Anything that JSON can carry, most of it wrong wherever it is put. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, '', 'x', 0, -1, 1.5, true, [], {}, [null], { name: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
)

const places = [
  [],
  ['domain'],
  ['timezone'],
  ['image'],
  ['image', 'tag'],
  ['variables'],
  ['variables', 'ENABLE_LOBBY'],
  ['ingress'],
  ['turn'],
  ['suspend'],
  ['existingSecret'],
  ['maintenance', 'start'],
  ['web'],
  ['web', 'replicas'],
  ['web', 'customConfigCM'],
  ['web', 'resources'],
  ['web', 'env'],
  ['jvb'],
  ['jvb', 'strategy'],
  ['jvb', 'strategy', 'type'],
  ['jvb', 'strategy', 'replicas'],
  ['jvb', 'ports'],
  ['jvb', 'ports', 'count'],
  ['jvb', 'exposure', 'type'],
  ['jvb', 'exposure', 'addresses'],
  ['jvb', 'drain', 'timeout'],
  ['jvb', 'autoscaling', 'schedule'],
  ['jvb', 'autoscaling', 'schedule', '0'],
  ['jvb', 'resources', 'limits'],
  ['jvb', 'nodeSelector'],
  ['jvb', 'tolerations'],
]

/** A spec with one thing in it that may be anything. */
export const brokenSpec = fc
  .tuple(fc.constantFrom(...places), anything, spec)
  .map(([place, value, whole]) => withValue({ domain: 'meet.example.org', ...whole }, place, value))

function withValue(whole: unknown, [first, ...rest]: string[], value: unknown): unknown {
  if (first === undefined) return value
  const members = (typeof whole === 'object' && whole) || {}
  return {
    ...members,
    [first]: withValue((members as Record<string, unknown>)[first], rest, value),
  }
}
