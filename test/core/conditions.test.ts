import t from 'tap'
import type { BridgeFacts, JicofoFacts } from '../../src/api/facts.ts'
import type { Condition, JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { fewestEndpoints } from '../../src/components/jvb/ice.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { jicofoPod, node, servingFacts, settle } from '../support/cluster.ts'
import { unlisted } from '../support/decision-page.ts'
import { inputs, jitsi, objectMap, request } from '../support/fixtures.ts'

/* What people are told, condition by condition: what is observed, and the reason that it gives. */

/** A Jitsi at rest, in which some objects are other than usual. */
function running(change: (object: KubeObject) => KubeObject = it => it, spec: object = {}) {
  const { request: settled } = settle(request({ jitsi: jitsi({ spec }) }))
  const children = Object.entries(settled.children).map(([group, objects]) => [
    group,
    Object.fromEntries(Object.entries(objects).map(([key, child]) => [key, change(child)])),
  ])
  return { ...settled, children: Object.fromEntries(children) }
}

const isBridge = ({ kind, metadata }: KubeObject) =>
  kind === 'Pod' && metadata.labels?.['app.kubernetes.io/component'] === 'jvb'

const withAnnotations = (pod: KubeObject, annotations: Record<string, string>): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
})

/** With facts that are those of a bridge that serves, but for some. */
const withFacts = (pod: KubeObject, facts: Partial<BridgeFacts>) =>
  withAnnotations(pod, { [annotation.facts]: JSON.stringify({ ...servingFacts, ...facts }) })

/** The same with other annotations on the bridges. */
const annotated = (key: string, value: object) =>
  running(child =>
    isBridge(child) ? withAnnotations(child, { [key]: JSON.stringify(value) }) : child,
  )

const bridges = (facts: Partial<BridgeFacts>) =>
  annotated(annotation.facts, { ...servingFacts, ...facts })

const onNode = (externalIPs: string[]) =>
  annotated(annotation.node, {
    name: 'node-1',
    gone: false,
    ready: true,
    leaving: null,
    externalIPs,
    internalIPs: [],
  })

const two = { jvb: { strategy: { replicas: 2 } } }

const throughTurn = { jvb: { exposure: { type: 'None' } } }

const fullOf = { endpointsTotal: fewestEndpoints }

const allFailed = { iceFailedTotal: fewestEndpoints, iceFailedAt: '2026-11-23T09:30:00Z' }

/** A Pod that nobody has looked at yet. */
function unseen(pod: KubeObject): KubeObject {
  const { [annotation.facts]: _, ...annotations } = pod.metadata.annotations ?? {}
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}

/** A bridge that has answered for an hour, and has never been in its room. */
function unjoined(child: KubeObject): KubeObject {
  if (!isBridge(child)) return child
  const { at } = servingFacts
  return withFacts(child, { mucsJoined: 0, at: inputs.now.toISOString(), joinedSince: at })
}

/** A bridge of an older spec. */
const older = (pod: KubeObject) =>
  withAnnotations(pod, { [annotation.revision]: '{"image":"of before"}' })

/** A bridge that fell silent an hour ago. */
const silent = (pod: KubeObject) => withFacts(pod, { reachable: false })

/** A bridge that is in its room, and has said for an hour that it is not well. */
const unwell = (pod: KubeObject) =>
  withFacts(pod, { endpointsTotal: 20, healthy: false, unwellSince: servingFacts.at })

/** A Pod whose grace period ended long ago, on a node whose kubelet does not say that it is gone. */
const hanging = (pod: KubeObject): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: servingFacts.at },
})

/** A Pod that somebody deleted just now. */
const stopping = (pod: KubeObject): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: '2026-11-23T10:45:00Z' },
})

/** A bridge that has drained for as long as it may. */
const overdue = (pod: KubeObject) =>
  withAnnotations(pod, {
    [annotation.intent]: 'drain',
    [annotation.drainDeadline]: String(inputs.now.getTime() / 1000 - 1),
  })

/** A bridge with people on it. */
const crowded = (pod: KubeObject) => withFacts(pod, { participants: 5, conferences: 1 })

/** The same, with a jicofo of which this is known. */
const withJicofo = (facts: Partial<JicofoFacts>, asked: SyncRequest): SyncRequest => ({
  ...asked,
  related: { ...asked.related, ...objectMap([jicofoPod('meet', facts)]) },
})

const notReady = (node: KubeObject): KubeObject => ({
  ...node,
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
})

/** A bridge for each of these nodes, of which those that are not ready have none. */
function onNodes(related: readonly KubeObject[]): SyncRequest {
  const spec = { jvb: { strategy: { type: 'daemonset' } } }
  return settle(request({ jitsi: jitsi({ spec }), related })).request
}

/** A Pod that the kubelet did not take, half a minute ago. */
const rejected = (pod: KubeObject): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, creationTimestamp: '2026-11-23T09:59:30Z' },
  status: { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' },
})

/** One bridge of two, and the last status says since when the second one has been made. */
function madeSince(makingSince: string, lastNumber = 0): SyncRequest {
  const { parent, ...others } = running()
  const { fleet, ...status } = parent.status as JitsiStatus
  const before = { ...status, fleet: { ...fleet, lastNumber }, rollout: { makingSince } }
  return { ...others, parent: jitsi({ spec: two, status: before }) }
}

const isFirstTwo = ({ metadata }: KubeObject) => /-[01]$/.test(metadata.name)

const behindOneAddress = (replicas: number, count = 1) => ({
  jvb: { strategy: { replicas }, exposure: { type: 'LoadBalancer' }, ports: { count } },
})

const autoscaled = {
  jvb: { strategy: { type: 'autoscaled' }, autoscaling: { metric: { source: 'cpu' } } },
}

/** What the autoscaler of Kubernetes says of itself. */
function decided(status: object): SyncRequest {
  const isAutoscaler = ({ kind }: KubeObject) => kind === 'HorizontalPodAutoscaler'
  return running(child => (isAutoscaler(child) ? { ...child, status } : child), autoscaled)
}

const conditionsOf = (asked: SyncRequest) =>
  reconcile(asked, inputs).response.status.conditions as Condition[]

const cases: { name: string; asked: SyncRequest; said: Record<string, string> }[] = [
  {
    name: 'all is well',
    asked: running(),
    said: {
      Ready: 'True Available',
      Progressing: 'False Complete',
      SignallingReachable: 'True BridgesJoined',
      MediaReachable: 'Unknown NotTried',
      RelaysReachable: 'True NoFailures',
    },
  },
  {
    name: 'nothing is there yet, the passwords first',
    asked: request(),
    said: { Ready: 'False WaitingForSecret' },
  },
  {
    name: 'a Deployment has no Pod that is ready',
    asked: running(child => (child.kind === 'Deployment' ? { ...child, status: {} } : child)),
    said: { Ready: 'False ComponentsUnavailable' },
  },
  {
    name: 'a bridge starts',
    asked: bridges({ mucsJoined: 0 }),
    said: {
      Ready: 'False NoServingBridge',
      Progressing: 'True BridgesChanging',
      SignallingReachable: 'Unknown NoBridgeJoined',
    },
  },
  {
    name: 'one bridge of two starts',
    asked: running(child => (child.metadata.name === 'meet-jvb-0' ? unseen(child) : child), two),
    said: { Ready: 'True Available', SignallingReachable: 'True BridgesJoined' },
  },
  {
    name: 'a bridge, and those that were made in its place, have never joined',
    asked: {
      ...running(child => (child.metadata.name === 'meet-jvb-0' ? child : unjoined(child)), {
        jvb: { strategy: { replicas: 4 } },
      }),
      parent: jitsi({ spec: two }),
    },
    said: { Ready: 'True Available', Progressing: 'False BridgesUnfit' },
  },
  {
    name: 'bridges, and those that were made in their place, are silent',
    asked: {
      ...running(child => (isBridge(child) && !isFirstTwo(child) ? silent(child) : child), {
        jvb: { strategy: { replicas: 6 } },
      }),
      parent: jitsi({ spec: { jvb: { strategy: { replicas: 3 } } } }),
    },
    said: { Ready: 'True Available', Progressing: 'False BridgesMissing' },
  },
  {
    name: 'a bridge is silent, and another one serves in its place',
    asked: {
      ...running(child => (child.metadata.name === 'meet-jvb-0' ? silent(child) : child), {
        jvb: { strategy: { replicas: 3 } },
      }),
      parent: jitsi({ spec: two }),
    },
    said: { Progressing: 'False Complete' },
  },
  {
    name: 'the bridge of a node that is not ready is gone',
    asked: onNodes([node('node-1', '203.0.113.1'), notReady(node('node-2', '203.0.113.2'))]),
    said: { Ready: 'True Available', Progressing: 'False BridgesMissing' },
  },
  {
    name: 'two bridges of a new spec are silent, and two of the older one stay',
    asked: {
      ...running(child => (isBridge(child) ? (isFirstTwo(child) ? older : silent)(child) : child), {
        jvb: { strategy: { replicas: 4 } },
      }),
      parent: jitsi({ spec: two }),
    },
    said: { Ready: 'True Available', Progressing: 'False RolloutStopped' },
  },
  {
    name: 'a bridge of an older spec has the only port, and people',
    asked: {
      ...running(child => (isBridge(child) ? older(crowded(child)) : child), behindOneAddress(1)),
      parent: jitsi({ spec: behindOneAddress(1) }),
    },
    said: { Progressing: 'False RolloutWaiting' },
  },
  {
    name: 'two bridges of a new spec are silent, and one of the older ones has not been well for long',
    asked: {
      ...running(
        child => {
          if (!isBridge(child)) return child
          if (!isFirstTwo(child)) return silent(child)
          return older(child.metadata.name === 'meet-jvb-0' ? unwell(child) : child)
        },
        { jvb: { strategy: { replicas: 4 } } },
      ),
      parent: jitsi({ spec: two }),
    },
    said: { Progressing: 'False RolloutStopped' },
  },
  {
    name: 'a silent bridge of an older spec, in whose place others serve, is still there',
    asked: {
      ...running(child => (child.metadata.name === 'meet-jvb-0' ? older(silent(child)) : child), {
        jvb: { strategy: { replicas: 3 } },
      }),
      parent: jitsi({ spec: two }),
    },
    said: { Progressing: 'False RolloutWaiting' },
  },
  {
    name: 'a bridge of an older spec has people, and the only other port is that of one that hangs',
    asked: {
      ...running(
        child => {
          if (!isBridge(child)) return child
          return child.metadata.name === 'meet-jvb-0' ? older(crowded(child)) : hanging(child)
        },
        behindOneAddress(2, 2),
      ),
      parent: jitsi({ spec: behindOneAddress(1, 2) }),
    },
    said: { Progressing: 'False RolloutWaiting' },
  },
  {
    name: 'the API server refuses a second bridge, as for a quota',
    asked: madeSince('2026-11-23T09:58:59Z'),
    said: { Ready: 'True Available', Progressing: 'False BridgesRefused' },
  },
  {
    name: 'for a minute it may be about to appear',
    asked: madeSince('2026-11-23T09:59:00Z'),
    said: { Progressing: 'True BridgesChanging' },
  },
  {
    name: 'another one has appeared since',
    asked: madeSince('2026-11-23T09:00:00Z', -1),
    said: { Progressing: 'True BridgesChanging' },
  },
  {
    name: 'a time that is none',
    asked: madeSince('long ago'),
    said: { Progressing: 'True BridgesChanging' },
  },
  {
    name: 'the kubelet ends a bridge as soon as it is made',
    asked: running(child => (child.metadata.name === 'meet-jvb-0' ? rejected(child) : child), two),
    said: { Ready: 'True Available', Progressing: 'False BridgesEnding' },
  },
  {
    name: 'a bridge that has run for long ends',
    asked: running(
      child =>
        child.metadata.name === 'meet-jvb-0' ? { ...child, status: { phase: 'Failed' } } : child,
      two,
    ),
    said: { Progressing: 'True BridgesChanging' },
  },
  {
    name: 'no bridge has been well for long',
    asked: running(child => (isBridge(child) ? unwell(child) : child), two),
    said: { Ready: 'False NoServingBridge', Progressing: 'False BridgesUnfit' },
  },
  {
    name: 'no bridge is well, and one may be so in a moment',
    asked: running(child =>
      isBridge(child)
        ? withFacts(child, { healthy: false, unwellSince: '2026-11-23T09:55:00Z' })
        : child,
    ),
    said: { Progressing: 'True BridgesChanging' },
  },
  {
    name: 'a daemonset finds no node',
    asked: running(it => it, { jvb: { strategy: { type: 'daemonset' } } }),
    said: { Ready: 'False NoMatchingNode', Progressing: 'False NoMatchingNode' },
  },
  {
    name: 'people are to be moved, and no other bridge serves',
    asked: running(child => (isBridge(child) ? overdue(child) : child), {
      jvb: { drain: { policy: 'evacuate' } },
    }),
    said: { EvacuationBlocked: 'True NoRoom' },
  },
  {
    name: 'people are to be moved, and jicofo, which would do it, is silent',
    asked: withJicofo(
      { reachable: false },
      running(child => (isBridge(child) ? crowded(overdue(child)) : child)),
    ),
    said: { EvacuationBlocked: 'True JicofoSilent' },
  },
  {
    name: 'no bridge is wanted',
    asked: running(it => it, { jvb: { strategy: { replicas: 0 } } }),
    said: { Ready: 'True Available' },
  },
  {
    name: 'bridges that have served are all without XMPP',
    asked: bridges({ mucsJoined: 0, endpointsTotal: 1 }),
    said: { Progressing: 'False Frozen', SignallingReachable: 'False AllBridgesUnjoined' },
  },
  {
    name: 'no node has room for a bridge',
    asked: running(child => {
      if (!isBridge(child)) return child
      const { nodeName: _, ...spec } = child.spec as { nodeName?: string }
      return { ...child, spec, status: { phase: 'Pending' } }
    }),
    said: { Progressing: 'False BridgePending' },
  },
  {
    name: 'enough people have come, and media reached them',
    asked: bridges({ endpointsTotal: fewestEndpoints }),
    said: { MediaReachable: 'True ConnectionsSucceed' },
  },
  {
    name: 'media reached none of them',
    asked: bridges({
      endpointsTotal: fewestEndpoints,
      iceFailedTotal: fewestEndpoints,
      iceFailedAt: '2026-11-23T09:30:00Z',
    }),
    said: { MediaReachable: 'False IceFailures' },
  },
  {
    name: 'bridges that TURN alone leads to, and no TURN server',
    asked: running(it => it, throughTurn),
    said: { Ready: 'True Available', MediaReachable: 'False NoWayForMedia' },
  },
  {
    name: 'the same, and media reached nobody: no firewall is to blame',
    asked: running(
      child => (isBridge(child) ? withFacts(child, { ...fullOf, ...allFailed }) : child),
      throughTurn,
    ),
    said: { MediaReachable: 'False NoWayForMedia' },
  },
  {
    name: 'the same, and the network leads people to Pods',
    asked: running(child => (isBridge(child) ? withFacts(child, fullOf) : child), throughTurn),
    said: { MediaReachable: 'True ConnectionsSucceed' },
  },
  {
    name: 'a TURN server that the spec names',
    asked: running(it => it, { ...throughTurn, turn: { host: 'turn.example.org' } }),
    said: { MediaReachable: 'Unknown NotTried' },
  },
  {
    name: 'a TURN server of our own',
    asked: running(it => it, { ...throughTurn, coturn: { enabled: true, host: 'turn' } }),
    said: { MediaReachable: 'Unknown NotTried' },
  },
  ...['TURN_HOST', 'TURNS_HOST'].map(name => ({
    name: `a TURN server that a setting names, ${name}`,
    asked: running(it => it, { ...throughTurn, variables: { [name]: 'turn.example.org' } }),
    said: { MediaReachable: 'Unknown NotTried' },
  })),
  {
    name: 'people have reached no bridge, but have for an hour',
    asked: bridges({
      endpointsTotal: fewestEndpoints,
      iceFailedTotal: fewestEndpoints,
      iceFailedAt: '2026-11-23T09:00:00Z',
    }),
    said: { MediaReachable: 'True ConnectionsSucceed' },
  },
  {
    name: 'bridges do not reach each other',
    asked: bridges({ relayIceFailedTotal: 1, relayFailedAt: '2026-11-23T09:30:00Z' }),
    said: { RelaysReachable: 'False RelayIceFailures' },
  },
  {
    name: 'bridges did not reach each other, but have for an hour',
    asked: bridges({ relayIceFailedTotal: 1, relayFailedAt: '2026-11-23T09:00:00Z' }),
    said: { RelaysReachable: 'True NoFailures' },
  },
  {
    name: 'bridges run in a network of IPv6 alone',
    asked: running(child =>
      isBridge(child)
        ? { ...child, status: { phase: 'Running', podIPs: [{ ip: 'fd00::7' }], podIP: 'fd00::7' } }
        : child,
    ),
    said: { MediaReachable: 'False PodWithoutIPv4' },
  },
  {
    name: 'bridges run in a network of both families',
    asked: running(child =>
      isBridge(child)
        ? {
            ...child,
            status: {
              phase: 'Running',
              podIPs: [{ ip: 'fd00::7' }, { ip: '10.64.0.7' }],
              podIP: 'fd00::7',
            },
          }
        : child,
    ),
    said: { MediaReachable: 'Unknown NotTried' },
  },
  {
    name: 'a node has an address that the image cannot advertise',
    asked: onNode(['2001:db8::7']),
    said: { MediaReachable: 'False IPv6Only' },
  },
  {
    name: 'a node has no address at all',
    asked: onNode([]),
    said: { MediaReachable: 'Unknown AddressUnknown' },
  },
  {
    name: 'all ports of a shared address are taken',
    asked: {
      ...running(it => it, behindOneAddress(1)),
      parent: jitsi({ spec: behindOneAddress(2) }),
    },
    said: { PortsAvailable: 'False PortsExhausted' },
  },
  {
    name: 'the autoscaler has decided',
    asked: decided({ desiredReplicas: 2 }),
    said: { Autoscaling: 'True Follows' },
  },
  {
    name: 'the autoscaler wants more than it may have',
    asked: decided({
      desiredReplicas: 10,
      conditions: [{ type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' }],
    }),
    said: { Autoscaling: 'False AtMaximum' },
  },
  {
    name: 'the autoscaler has no figures, and does not say why',
    asked: decided({ conditions: [{ type: 'ScalingActive', status: 'False' }] }),
    said: { Autoscaling: 'False NoMetric' },
  },
  {
    name: 'the source of the figures lacks what it needs',
    asked: {
      ...running(),
      parent: jitsi({
        spec: { jvb: { ...autoscaled.jvb, autoscaling: { metric: { source: 'custom' } } } },
      }),
    },
    said: { Autoscaling: 'False NoAutoscaler' },
  },
  {
    name: 'a schedule that is no cron expression',
    asked: {
      ...running(),
      parent: jitsi({
        spec: {
          jvb: {
            ...autoscaled.jvb,
            autoscaling: {
              schedule: [{ name: 'lessons', cron: '75 8 * * 1', duration: '1h', minReplicas: 3 }],
            },
          },
        },
      }),
    },
    said: { ConfigurationValid: 'False InvalidCron' },
  },
]

for (const { name, asked, said } of cases) {
  t.test(name, async t => {
    const conditions = conditionsOf(asked)
    for (const { message } of conditions) t.match(message, / /, 'every reason has its sentence')
    const found = new Map(conditions.map(it => [it.type, `${it.status} ${it.reason}`]))
    for (const [type, expected] of Object.entries(said)) t.equal(found.get(type), expected, type)
    t.strictSame(unlisted(asked, reconcile(asked, inputs)), [], 'docs/decisions.md knows of it')
  })
}

t.test('a silent bridge of an older spec: what to do where it stays so', async t => {
  const asked = {
    ...running(child => (child.metadata.name === 'meet-jvb-0' ? older(silent(child)) : child), {
      jvb: { strategy: { replicas: 3 } },
    }),
    parent: jitsi({ spec: two }),
  }
  const progress = conditionsOf(asked).find(({ type }) => type === 'Progressing')
  t.match(progress?.message, /meet-jvb-0; each is replaced when it answers.*Delete the Pod of one/)
})

t.test('a bridge that is refused: which one, since when, and where it says why', async t => {
  const asked = { ...running(), parent: jitsi({ spec: two, status: { fleet: { lastNumber: 0 } } }) }
  const told = (seconds: number) => {
    const later = new Date(inputs.now.getTime() + seconds * 1000)
    const { status } = reconcile(asked, { ...inputs, now: later }).response
    Object.assign(asked, { parent: { ...asked.parent, status } })
    const { conditions = [], rollout } = status as JitsiStatus
    const progress = conditions.find(({ type }) => type === 'Progressing')
    return [rollout?.makingSince, progress?.message.slice(0, 51)]
  }
  const since = '2026-11-23T10:00:00Z'
  const changing = 'bridges are being made, drained or replaced: see st'
  t.strictSame(told(0), [since, changing])
  t.strictSame(told(15), [since, changing])
  t.strictSame(told(75), [since, 'meet-jvb-1 is made again and again, and does not ap'])
  Object.assign(asked, { children: running(it => it, two).children })
  t.strictSame(told(90), [undefined, 'nothing is under way'], 'somebody raised the quota')
})

t.test('the only bridge is without XMPP: what to do where prosody is well', async t => {
  const asked = bridges({ mucsJoined: 0, endpointsTotal: 1 })
  const signalling = conditionsOf(asked).find(({ type }) => type === 'SignallingReachable')
  t.match(signalling?.message, /Where prosody is well.*delete the Pod of one: another is made/)
  const stopped = running(child =>
    isBridge(child) ? stopping(withFacts(child, { mucsJoined: 0, endpointsTotal: 1 })) : child,
  )
  const { decisions } = reconcile(stopped, inputs)
  t.match(decisions, [{ reason: 'ScaleOut', object: 'meet-jvb-1' }], 'as it says')
})

t.test('a bridge that the kubelet does not take: why', async t => {
  const asked = running(
    child => (child.metadata.name === 'meet-jvb-0' ? rejected(child) : child),
    two,
  )
  const progress = conditionsOf(asked).find(({ type }) => type === 'Progressing')
  t.match(
    progress?.message,
    /^meet-jvb-0 on node .* ended .*: OutOfcpu: Pod was rejected\. Another/,
  )
})

t.test('bridges without any way for media: what gives them one', async t => {
  const media = conditionsOf(running(it => it, throughTurn)).find(
    ({ type }) => type === 'MediaReachable',
  )
  t.match(
    media?.message,
    /exposure\.type is None.*set spec\.coturn\.enabled.* spec\.turn, or choose/,
  )
})

t.test('ports that are all taken: by how many bridges', async t => {
  const taken = {
    ...running(it => it, behindOneAddress(1)),
    parent: jitsi({ spec: behindOneAddress(2) }),
  }
  const ports = conditionsOf(taken).find(({ type }) => type === 'PortsAvailable')
  t.match(ports?.message, /^UDP ports 10000-10000 .* by 1 of its bridges \(status.bridges\): raise/)
})

t.test(
  'a node of both families: its IPv6 address is not offered, and the condition says so',
  async t => {
    const asked = onNode(['203.0.113.7', '2001:db8::7'])
    const media = conditionsOf(asked).find(({ type }) => type === 'MediaReachable')
    t.equal(media?.reason, 'NotTried', 'that is no fault')
    t.match(media?.message, /2001:db8::7 are not offered.*IPv4 only/)
  },
)
