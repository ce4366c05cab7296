import fc from 'fast-check'
import t from 'tap'
import type { SyncRequest } from '../src/api/metacontroller.ts'
import { passwordKeys } from '../src/components/passwords.ts'
import { contextOf } from '../src/core/context.ts'
import { specProblems } from '../src/core/problems.ts'
import { reconcile } from '../src/core/reconcile.ts'
import { checkedAnswer } from '../src/hooks/checked-answer.ts'
import { annotation, label } from '../src/kube/annotations.ts'
import { canonicalJson } from '../src/kube/hash.ts'
import { isRecord } from '../src/kube/record.ts'
import type { KubeObject, Pod } from '../src/kube/types.ts'
import { brokenSpec, busy, first, making, requestOf, resting } from './support/arbitraries.ts'
import { applied, childrenOf, hostPorts, identity, settle } from './support/cluster.ts'
import { inputs, now, password } from './support/fixtures.ts'
import { freeze } from './support/freeze.ts'
import { goldenCases, goldenNodes } from './support/golden-cases.ts'

/*
 * What holds for every answer, whatever is asked: for any spec, for fleets in any state, and for
 * all golden inputs.
 */

// Thousands of plans: seconds on an idle machine, and CI is not always idle.
t.setTimeout(180_000)

const plan = (request: SyncRequest) => reconcile(request, inputs).response

const goldenRequests = new Map(
  goldenCases().map(({ name, first }) => [name, settle(first, { nodes: goldenNodes }).request]),
)

/** Shows what the law was broken by, in few words: the whole request would be megabytes. */
function law<T>(name: string, of: fc.Arbitrary<T>, holds: (value: T) => boolean) {
  t.test(name, async t => {
    const run = fc.check(fc.property(of, holds), { numRuns: 40 })
    const words = JSON.stringify({ seed: run.seed, by: run.counterexample })
    t.notOk(run.failed, run.failed ? `${words} ${run.errorInstance ?? ''}` : 'it holds')
  })
}

/** A law of any answer: for recipes of all kinds, and for the golden inputs. */
function lawOfAnswers(name: string, holds: (request: SyncRequest) => boolean) {
  law(name, fc.oneof(first, making, resting, busy), recipe => holds(requestOf(recipe)))
  t.test(`${name}: golden inputs`, async t => {
    for (const [golden, request] of goldenRequests) t.ok(holds(request), golden)
  })
}

lawOfAnswers('the same request gets the same bytes', request => {
  return JSON.stringify(plan(request)) === JSON.stringify(plan(structuredClone(request)))
})

lawOfAnswers('an answer is one that Metacontroller survives: no null, no child twice', request => {
  return checkedAnswer(plan(request)).children.every(isRecord)
})

lawOfAnswers('the request is never written to', request => {
  plan(freeze(structuredClone(request)))
  return true
})

lawOfAnswers('the order of the request does not matter', request => {
  return [request, suspended(request)].every(
    asked => JSON.stringify(plan(reversed(asked))) === JSON.stringify(plan(asked)),
  )
})

lawOfAnswers('names are unique for their kind, and those in DNS and labels fit there', request => {
  const { children } = plan(request)
  const names = children.map(identity)
  return (
    new Set(names).size === names.length &&
    children.every(
      ({ kind, metadata: { name } }) =>
        kind === 'Secret' || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name),
    ) &&
    children.every(({ metadata: { labels = {} } }) => Object.values(labels).every(isLabelValue))
  )
})

lawOfAnswers('no two bridges hold one port of one node', request => {
  const held = bridges(plan(request).children).flatMap(pod => {
    const { nodeName = pod.metadata.annotations?.[annotation.pinnedTo] } = pod.spec
    return nodeName ? hostPorts(pod.spec).map(port => `${nodeName}:${port}`) : []
  })
  return new Set(held).size === held.length
})

lawOfAnswers('no two bridges share a port of the shared load balancer', request => {
  const slots = bridges(plan(request).children).flatMap(({ spec }) =>
    spec.containers.flatMap(({ ports = [] }) =>
      ports.flatMap(({ name }) => (name?.startsWith('media-') ? [name] : [])),
    ),
  )
  return new Set(slots).size === slots.length
})

lawOfAnswers('every selector matches the labels of its Pods', request => {
  const { children } = plan(request)
  const owned = children.every(child => {
    if (child.kind !== 'Deployment') return true
    const { selector, template } = child.spec as WithTemplate
    return matches(selector.matchLabels, template.metadata.labels)
  })
  // A Service lives as long as its Pod, which may be there still though it is not wanted any more.
  const labelSets = podLabels([...children, ...childrenOf(request).values()])
  const found = (selector: Labels) => labelSets.some(labels => matches(selector, labels))
  // A fleet may have no bridge: then nothing of it can match.
  const pods = new Set(labelSets.map(labels => labels['app.kubernetes.io/component']))
  return (
    owned &&
    selectorsOf(children).every(s => !pods.has(s['app.kubernetes.io/component']) || found(s))
  )
})

lawOfAnswers('the scale selector finds the bridges that are counted, and no other Pod', request => {
  const { status, children } = plan(request)
  const wanted = Object.fromEntries(
    String(status.selector)
      .split(',')
      .map(pair => pair.split('=')),
  ) as Labels
  const counted = bridges(children).filter(({ metadata }) => metadata.labels?.[label.counted])
  return counted.every(({ metadata }) => matches(wanted, metadata.labels ?? {}))
})

lawOfAnswers('nothing is empty or null, which the API server would write differently', request => {
  return plan(request).children.every(child => emptyIn(child) === undefined)
})

lawOfAnswers('no password stands anywhere but in a Secret', request => {
  const { status, children } = plan(request)
  const others = children.filter(({ kind }) => kind !== 'Secret')
  const text = JSON.stringify([status, others])
  return !text.includes(password()) && !text.includes(Buffer.from(password()).toString('base64'))
})

law('fed back, an answer comes to rest, and at rest nothing is written', first, recipe => {
  const { request, answer } = settle(requestOf(recipe))
  return writes(request, answer.children).length === 0
})

law('at rest, time alone changes nothing', fc.tuple(resting, fc.nat(3600)), ([recipe, seconds]) => {
  const request = requestOf(recipe)
  const later = new Date(now.getTime() + seconds * 1000)
  const { status, children } = reconcile(request, { now: later, password }).response
  const same = canonicalJson(status) === canonicalJson(request.parent.status)
  return same && writes(request, children).length === 0
})

t.test('at rest every golden answer repeats itself and writes nothing', async t => {
  for (const { name, first } of goldenCases()) {
    const { request, answer } = settle(first, { nodes: goldenNodes })
    t.strictSame(writes(request, answer.children), [], name)
    t.equal(canonicalJson(answer.status), canonicalJson(request.parent.status), name)
  }
})

law(
  'a mistake in the spec leaves every child there, as it is',
  fc.tuple(fc.oneof(resting, busy), brokenSpec),
  ([recipe, spec]) => {
    const request = requestOf(recipe)
    const broken = { ...request, parent: { ...request.parent, spec } }
    const { children } = plan(broken)
    if (specProblems(contextOf(broken, now)).fatal.length === 0) return true
    return sameChildren(broken, children) && changes(broken, children).length === 0
  },
)

law('a suspended Jitsi keeps every child as it is', busy, recipe => {
  const request = suspended(requestOf(recipe))
  const { children } = plan(request)
  return sameChildren(request, children) && changes(request, children).length === 0
})

law('a Pod whose labels somebody took away is kept like any other', resting, recipe => {
  const request = requestOf(recipe)
  const there = Object.entries(request.children['Pod.v1'] ?? {}).map(([key, pod]) => {
    const { labels: _none, ...metadata } = pod.metadata
    return [key, { ...(pod as Pod), metadata }] as const
  })
  const children = { ...request.children, 'Pod.v1': Object.fromEntries(there) }
  const specs = new Set(plan({ ...request, children }).children.map(({ spec }) => spec))
  return there.every(([, { spec }]) => specs.has(spec))
})

law(
  'passwords that are there are repeated to the letter',
  fc.tuple(
    resting,
    fc.dictionary(fc.constantFrom(...passwordKeys, 'OTHER'), fc.base64String({ minLength: 4 })),
  ),
  ([recipe, data]) => {
    const request = requestOf(recipe)
    const [[key, secret] = ['', undefined]] = Object.entries(request.children['Secret.v1'] ?? {})
    if (!secret) return false
    const children = { ...request.children, 'Secret.v1': { [key]: { ...secret, data } } }
    const answered = plan({ ...request, children }).children.find(({ kind }) => kind === 'Secret')
    const kept = (answered?.data ?? {}) as Record<string, string>
    return (
      Object.entries(data).every(([name, value]) => kept[name] === value) &&
      passwordKeys.every(name => kept[name])
    )
  },
)

law('no password is drawn once all are there', busy, recipe => {
  const drawn: string[] = []
  const counting = () => {
    drawn.push('')
    return 'another'
  }
  reconcile(requestOf(recipe), { now, password: counting })
  return drawn.length === 0
})

t.test('a bug is thrown and not answered: the call fails and changes nothing', async t => {
  const request = goldenRequests.get('minimal')
  if (!request) throw new Error('no golden request called minimal')
  const bug = new Error('a bug')
  const failing = () => {
    throw bug
  }
  t.throws(() => reconcile({ ...request, children: {} }, { now, password: failing }), bug)
})

type Labels = Record<string, string>
interface WithTemplate {
  selector: { matchLabels: Labels }
  template: { metadata: { labels: Labels } }
}

const bridges = (children: readonly KubeObject[]) =>
  children.filter(({ kind }) => kind === 'Pod') as Pod[]

const isLabelValue = (value: string) =>
  value.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value)

const matches = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)

/** Labels of every Pod that is there or that a Deployment makes. */
function podLabels(children: readonly KubeObject[]): Labels[] {
  return children.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'Pod') return [metadata.labels ?? {}]
    return kind === 'Deployment' ? [(spec as WithTemplate).template.metadata.labels] : []
  })
}

/** Selectors of everything that stands before or around Pods. */
function selectorsOf(children: readonly KubeObject[]): Labels[] {
  return children
    .filter(({ kind }) => kind !== 'Deployment')
    .flatMap(({ kind, spec }) => {
      const { selector, podSelector } = (spec ?? {}) as Record<string, { matchLabels: Labels }>
      if (kind === 'Service') return selector ? [selector as unknown as Labels] : []
      return [selector?.matchLabels ?? podSelector?.matchLabels ?? []].flat() as Labels[]
    })
}

function suspended(request: SyncRequest): SyncRequest {
  const spec = { ...(request.parent.spec as object), suspend: true }
  return { ...request, parent: { ...request.parent, spec } }
}

function reversed(request: SyncRequest): SyncRequest {
  const turned = <T extends object>(map: T) =>
    Object.fromEntries(Object.entries(map).reverse()) as unknown as T
  const all = (map: SyncRequest['children']) =>
    turned(
      Object.fromEntries(Object.entries(map).map(([kind, objects]) => [kind, turned(objects)])),
    )
  return { ...request, children: all(request.children), related: all(request.related ?? {}) }
}

/** Where the first empty map, empty list or null is; an emptyDir says all it has to. */
function emptyIn(value: unknown, path = ''): string | undefined {
  if (value === null) return path
  if (typeof value !== 'object') return undefined
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return /\.(emptyDir|resources)$/.test(path) ? undefined : path
  return members.map(([name, member]) => emptyIn(member, `${path}.${name}`)).find(Boolean)
}

/** The children that Metacontroller would write: those that applying the answer changes. */
function writes(request: SyncRequest, children: readonly KubeObject[], seen = canonicalJson) {
  const observed = childrenOf(request)
  return children
    .filter(child => {
      const before = observed.get(identity(child))
      return seen(applied(child, request.parent, before)) !== seen(before)
    })
    .map(identity)
}

/** The children that would be other ones, beside Metacontroller's own note of what it applied. */
function changes(request: SyncRequest, children: readonly KubeObject[]) {
  const note = /"metacontroller.k8s.io\/last-applied-configuration":"(\\.|[^"])*"/
  return writes(request, children, child => canonicalJson(child).replace(note, ''))
}

function sameChildren(request: SyncRequest, children: readonly KubeObject[]): boolean {
  return [...childrenOf(request).keys()].sort().join() === children.map(identity).sort().join()
}
