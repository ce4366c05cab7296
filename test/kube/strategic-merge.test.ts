import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { strategicMerge } from '../../src/kube/strategic-merge.ts'

const cases = [
  {
    name: 'maps are merged at every depth',
    original: { securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'] } } },
    patch: { securityContext: { capabilities: { add: ['NET_ADMIN'] } } },
    want: {
      securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
    },
  },
  {
    name: 'lists of plain values are replaced',
    original: { args: ['a', 'b'] },
    patch: { args: ['c'] },
    want: { args: ['c'] },
  },
  {
    name: 'lists without a key are replaced',
    original: { tolerations: [{ key: 'a' }] },
    patch: { tolerations: [{ key: 'b' }] },
    want: { tolerations: [{ key: 'b' }] },
  },
  {
    name: 'members of one key are merged where they stand, and others follow',
    original: {
      containers: [
        { name: 'a', image: 'a' },
        { name: 'b', image: 'b' },
      ],
    },
    patch: {
      containers: [
        { name: 'c', image: 'c' },
        { name: 'a', tty: true },
      ],
    },
    want: {
      containers: [
        { name: 'a', image: 'a', tty: true },
        { name: 'b', image: 'b' },
        { name: 'c', image: 'c' },
      ],
    },
  },
  {
    name: 'mounts are told apart by their path',
    original: {
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'a', mountPath: '/b' },
      ],
    },
    patch: { volumeMounts: [{ name: 'mine', mountPath: '/b' }] },
    want: {
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'mine', mountPath: '/b' },
      ],
    },
  },
  {
    name: 'a volume has the source that is given, and no other',
    original: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }] },
    patch: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'mine' } }] },
    want: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'mine' } }] },
  },
  {
    name: 'a volume with the same source keeps what is not given of it',
    original: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }] },
    patch: { volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }] },
    want: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }] },
  },
  {
    name: 'a variable never has two sources',
    original: { env: [{ name: 'A', value: 'x' }] },
    patch: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    want: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
  },
  {
    name: 'null takes a member away',
    original: { securityContext: { runAsUser: 1000, runAsNonRoot: true } },
    patch: { securityContext: { runAsUser: null } },
    want: { securityContext: { runAsNonRoot: true } },
  },
  {
    name: 'null in what is new is nothing',
    original: {},
    patch: { dnsConfig: { nameservers: ['192.0.2.53'], searches: null } },
    want: { dnsConfig: { nameservers: ['192.0.2.53'] } },
  },
  {
    name: '$patch: delete takes a member of a list away',
    original: { volumes: [{ name: 'a' }, { name: 'b' }] },
    patch: { volumes: [{ name: 'a', $patch: 'delete' }] },
    want: { volumes: [{ name: 'b' }] },
  },
  {
    name: '$patch: delete takes a map away',
    original: { securityContext: { runAsUser: 1000 }, hostname: 'a' },
    patch: { securityContext: { $patch: 'delete' } },
    want: { hostname: 'a' },
  },
  {
    name: '$patch: replace keeps nothing of ours',
    original: { securityContext: { runAsUser: 1000, runAsNonRoot: true } },
    patch: { securityContext: { $patch: 'replace', runAsNonRoot: true } },
    want: { securityContext: { runAsNonRoot: true } },
  },
  {
    name: 'members of ours that share a key both stay',
    original: {
      ports: [
        { containerPort: 1, protocol: 'TCP' },
        { containerPort: 1, protocol: 'UDP' },
      ],
    },
    patch: { ports: [{ containerPort: 2 }] },
    want: {
      ports: [
        { containerPort: 1, protocol: 'TCP' },
        { containerPort: 1, protocol: 'UDP' },
        { containerPort: 2 },
      ],
    },
  },
  {
    name: 'a list that is all new may have members of one key',
    original: {},
    patch: {
      topologySpreadConstraints: [
        { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
        { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    want: {
      topologySpreadConstraints: [
        { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
        { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
  },
  {
    name: 'what is not given stays',
    original: { nodeSelector: { a: 'b' }, volumes: [{ name: 'a' }] },
    patch: {},
    want: { nodeSelector: { a: 'b' }, volumes: [{ name: 'a' }] },
  },
  {
    name: 'a list of odd members is taken as it is: the API server says what is wrong with it',
    original: { volumes: [{ name: 'a' }] },
    patch: { volumes: ['a'] },
    want: { volumes: ['a'] },
  },
]

for (const { name, original, patch, want } of cases) {
  t.test(name, async t => {
    const [before, given] = [structuredClone(original), structuredClone(patch)]
    t.strictSame(strategicMerge(original, patch), want)
    t.strictSame([original, patch], [before, given], 'and nothing is written to')
  })
}

const name = fc.constantFrom('a', 'b', 'c')
const volume = fc.oneof(
  fc.record({ name, emptyDir: fc.record({ medium: name }, { requiredKeys: [] }) }),
  fc.record({ name, configMap: fc.record({ name }) }),
)
const pod = fc.record(
  {
    hostname: name,
    nodeSelector: fc.dictionary(name, name),
    tolerations: fc.array(fc.record({ key: name })),
    volumes: fc.uniqueArray(volume, { selector: it => it.name }),
    containers: fc.uniqueArray(fc.record({ name, args: fc.array(name) }), {
      selector: it => it.name,
    }),
  },
  { requiredKeys: [] },
)

const laws: [law: string, holds: (original: object, patch: object) => boolean][] = [
  [
    'a patch that says nothing changes nothing',
    original => JSON.stringify(strategicMerge(original, {})) === JSON.stringify(original),
  ],
  [
    'a patch laid over twice is as good as once',
    (original, patch) => {
      const once = strategicMerge(original, patch)
      return JSON.stringify(strategicMerge(once, patch)) === JSON.stringify(once)
    },
  ],
  [
    'members of ours keep their order, in front of what is new',
    (original, patch) => {
      const names = (it: object) =>
        ((it as { volumes?: { name: string }[] }).volumes ?? []).map(v => v.name)
      const merged = names(strategicMerge(original, patch))
      return names(original).every((own, index) => merged[index] === own)
    },
  ],
]

for (const [law, holds] of laws) {
  t.test(law, async t => {
    const run = fc.check(fc.property(pod, pod, holds))
    t.notOk(run.failed, JSON.stringify({ seed: run.seed, by: run.counterexample }))
  })
}

/** As it is told: each member of the patch in turn, against the list that those before it left. */
function inTurn(original: readonly Member[], patch: readonly Member[]): Member[] {
  let list = [...original]
  for (const { $patch, ...given } of patch) {
    const at = list.findIndex(there => there.name === given.name)
    const { name, ...others } = given
    const member = typeof name === 'string' ? given : others
    if ($patch === 'delete') list = list.filter((_, position) => position !== at)
    else if (at < 0) list = [...list, member]
    else list = list.with(at, { ...list[at], ...member })
  }
  return list
}

interface Member {
  name?: string | null
  $patch?: 'delete'
  tty?: boolean
  image?: string
}

const members = fc.array(
  fc.record(
    { name, tty: fc.boolean(), image: fc.constantFrom('x', 'y') },
    { requiredKeys: ['image'] },
  ),
)
const patches = fc.array(
  fc.record(
    {
      name: fc.oneof(name, fc.constant(null)),
      tty: fc.boolean(),
      $patch: fc.constant('delete' as const),
    },
    { requiredKeys: [] },
  ),
)

t.test('lists are merged as if each member were laid over them in turn', async t => {
  const run = fc.check(
    fc.property(members, patches, (containers, given) => {
      const merged = strategicMerge({ containers }, { containers: given })
      return isDeepStrictEqual(merged, { containers: inTurn(containers, given) })
    }),
    { numRuns: 1000 },
  )
  t.notOk(run.failed, JSON.stringify({ seed: run.seed, by: run.counterexample }))
})

t.test('each member of ours is read as often as it must be, however long the patch is', async t => {
  let reads = 0
  const counted = (name: string) =>
    Object.defineProperty({}, 'name', {
      enumerable: true,
      get: () => {
        reads += 1
        return name
      },
    })
  const names = (prefix: string) => Array.from({ length: 500 }, (_, index) => `${prefix}${index}`)
  const merged = strategicMerge(
    { env: names('ours').map(counted) },
    { env: names('theirs').map(name => ({ name, value: '' })) },
  )
  t.equal(merged.env.length, 1000)
  t.ok(reads <= 1000, `${reads} reads of 500 members`)
})
