import t from 'tap'
import { contextOf } from '../../src/core/context.ts'
import { specProblems } from '../../src/core/problems.ts'
import { jitsi, now, request } from '../support/fixtures.ts'

const problems = (spec: unknown) =>
  specProblems(contextOf(request({ jitsi: jitsi({ spec }) }), now))

const fatal = (spec: unknown) => problems(spec).fatal.map(({ reason, path }) => `${reason} ${path}`)

t.test('a plain spec has none', async t => {
  t.strictSame(problems({}), { fatal: [], minor: [] })
})

t.test('what the plan cannot act on', async t => {
  const autoscaled = { type: 'autoscaled', minReplicas: 5, maxReplicas: 3 }
  const schedule = [
    { name: 'a', cron: '0 8 * * *', duration: '1h', minReplicas: 2 },
    { name: 'b', cron: '0 9 * * *', duration: '1h', minReplicas: 2, timezone: 'Paris' },
  ]
  const cases: { name: string; spec: unknown; want: string[] }[] = [
    { name: 'no spec at all', spec: null, want: ['WrongShape spec.domain'] },
    { name: 'a list for a spec', spec: ['meet'], want: ['WrongShape spec.domain'] },
    { name: 'a number for text', spec: { domain: 3 }, want: ['WrongShape spec.domain'] },
    {
      name: 'a word that is none of the allowed ones',
      spec: { jvb: { strategy: { type: 'statik' } } },
      want: ['WrongShape spec.jvb.strategy.type'],
    },
    {
      name: 'a negative count',
      spec: { jvb: { strategy: { replicas: -1 } } },
      want: ['WrongShape spec.jvb.strategy.replicas'],
    },
    {
      name: 'more bridges than any cluster runs',
      spec: { jvb: { strategy: { replicas: 1e9 } } },
      want: ['WrongShape spec.jvb.strategy.replicas'],
    },
    {
      name: 'a time that no clock shows',
      spec: { maintenance: { start: '25:00' } },
      want: ['WrongShape spec.maintenance.start'],
    },
    {
      name: 'what is no text, under a key of two lines',
      spec: { jvb: { nodeSelector: { 'a\nb': { c: 1 } } } },
      want: ['WrongShape spec.jvb.nodeSelector.a\nb'],
    },
    {
      name: 'more settings than there are',
      spec: { variables: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`A${n}`, ''])) },
      want: ['WrongShape spec.variables'],
    },
    {
      name: 'more volumes than any Pod has',
      spec: { jvb: { volumes: Array.from({ length: 101 }, () => ({})) } },
      want: ['WrongShape spec.jvb.volumes'],
    },
    {
      name: 'a label that none can be',
      spec: { jvb: { labels: { team: 'media, large' } } },
      want: ['WrongShape spec.jvb.labels.team'],
    },
    ...[5, 'ab', {}].map(env => ({
      name: `variables of a container that are ${JSON.stringify(env)}`,
      spec: { web: { sidecars: [{ name: 'web', env }] } },
      want: ['WrongShape spec.web.sidecars.0.env'],
    })),
    {
      name: 'a variable of a container that is null',
      spec: { web: { initContainers: [{ name: 'first', env: [null] }] } },
      want: ['WrongShape spec.web.initContainers.0.env.0'],
    },
    {
      name: 'a time that no date can hold',
      spec: { jvb: { drain: { timeout: '10000000d' } } },
      want: ['WrongShape spec.jvb.drain.timeout'],
    },
    {
      name: 'an image that needs root',
      spec: { image: { tag: 'stable-9584' }, jvb: { image: 'jitsi/jvb:stable-6726-1' } },
      want: ['UnsupportedImage spec.image.tag', 'UnsupportedImage spec.jvb.image'],
    },
    {
      name: 'a zone of no clock',
      spec: { timezone: 'Paris' },
      want: ['UnknownTimezone spec.timezone'],
    },
    {
      name: 'such a zone in a schedule',
      spec: { jvb: { autoscaling: { schedule } } },
      want: ['UnknownTimezone spec.jvb.autoscaling.schedule[1].timezone'],
    },
    {
      name: 'limits that cross',
      spec: { jvb: { strategy: autoscaled } },
      want: ['LimitsCrossed spec.jvb.strategy.minReplicas'],
    },
  ]
  for (const { name, spec, want } of cases) {
    t.test(name, async t => t.strictSame([...new Set(fatal(spec))], want))
  }
})

t.test('a spec that is too large for its copies', async t => {
  const filled = (value: unknown) => ({ jvb: { env: [{ name: 'A', value }] } })
  t.strictSame(fatal(filled('a'.repeat(200 * 1024))), [])
  t.strictSame(fatal(filled('a'.repeat(256 * 1024))), ['SpecTooLarge spec'])
  t.strictSame(fatal(filled('ä'.repeat(128 * 1024))), ['SpecTooLarge spec'], 'bytes count')
  const [problem] = problems(filled('a'.repeat(1_000_000))).fatal
  t.match(
    problem?.message,
    /^spec: it has 9[78]\d KiB as JSON, and 256 are allowed; put configuration into ConfigMaps/,
  )
  t.ok((problem?.message.length ?? 0) < 300)
})

t.test('of a spec that is too large nothing else is looked at, its shape neither', async t => {
  const spec = { domain: 3, jvb: { env: 'a'.repeat(1_000_000) } }
  t.match(problems(spec), { fatal: [{ reason: 'SpecTooLarge' }], minor: [] })
})

t.test('a name with dots, after which no Service can be named', async t => {
  const named = contextOf(request({ jitsi: jitsi({ name: 'meet.example' }) }), now)
  t.match(specProblems(named).fatal, [{ reason: 'NameWithDots', path: 'metadata.name' }])
})

t.test('what the plan can well live with', async t => {
  const cases = [
    { name: 'limits that cross where nothing scales', spec: { minReplicas: 5, maxReplicas: 3 } },
    { name: 'a field of a later release', spec: { futureField: { a: 1 } } },
  ]
  for (const { name, spec } of cases) {
    t.test(name, async t => t.strictSame(fatal({ jvb: { strategy: spec } }), []))
  }
  t.test('images whose release cannot be told', async t => {
    for (const image of [
      'our/jvb@sha256:abc',
      'our/jvb:latest',
      'our/jvb:stable-11146-2',
      'our/jvb',
    ]) {
      t.strictSame(fatal({ jvb: { image } }), [], image)
    }
  })
  t.test('zones by other names', async t => {
    for (const timezone of ['UTC', 'Europe/Kiev', 'America/Argentina/Ushuaia', 'GMT']) {
      t.strictSame(fatal({ timezone }), [], timezone)
    }
  })
})

t.test('an image that becomes another release by itself is said', async t => {
  const minor = (spec: unknown) => problems(spec).minor
  const ours = (image: string) => minor({ jvb: { image } })
  for (const image of ['our/jvb', 'our/jvb:latest', 'localhost:5000/jvb', 'jitsi/jvb:unstable']) {
    t.match(ours(image), [{ reason: 'ImageMoves', path: 'spec.jvb.image' }], image)
    t.ok(ours(image)[0]?.message.startsWith(`spec.jvb.image: ${image} is another release as soon`))
  }
  for (const image of [
    'our/jvb@sha256:abc',
    'our/jvb:latest@sha256:abc',
    'a:5000/jvb:1',
    'jvb:1',
  ]) {
    t.strictSame(ours(image), [], image)
  }
  const everywhere = minor({ image: { tag: 'stable' }, coturn: { image: 'coturn/coturn' } })
  t.strictSame(
    everywhere.map(({ path }) => path),
    ['spec.image.tag', 'spec.coturn.image'],
  )
  t.match(everywhere[0]?.message, /^spec\.image\.tag: stable is .*; name the release, such as/)
})

t.test('every problem says where it is, what it got and what to do', async t => {
  const [problem] = problems({ timezone: 'Paris' }).fatal
  t.match(problem?.message, /^spec\.timezone: "Paris" is no IANA time zone; write one such as/)
  const got = (spec: unknown) =>
    problems(spec)
      .fatal.map(({ message }) => message)
      .join()
  t.match(got({ domain: 3 }), /^spec\.domain: Expected string, got 3$/)
  const cases: [spec: unknown, want: string][] = [
    [
      { jvb: { strategy: { type: 'statik' } } },
      'spec.jvb.strategy.type: Expected one of static, daemonset, autoscaled, got "statik"',
    ],
    [
      { jvb: { resources: { limits: { memory: '4GB' } } } },
      'spec.jvb.resources.limits.memory: Expected a quantity such as 500m or 4Gi, got "4GB"',
    ],
    [
      { jvb: { drain: { timeout: '45 minutes' } } },
      'spec.jvb.drain.timeout: Expected a length of time such as 45m or 1h30m, got "45 minutes"',
    ],
    [{ variables: [{ name: 'ENABLE_LOBBY' }] }, 'spec.variables: Expected object, got a list'],
    [
      { turn: { host: 'turn', secret: { name: 'turn' } } },
      'spec.turn.secret.key: Expected required property (Key inside the Secret.), got nothing',
    ],
  ]
  for (const [spec, want] of cases) t.equal(got(spec), want)
  t.match(
    got({ domain: 'https://meet.example.org' }),
    /^spec\.domain: Expected string to match .* \(Host name under .*\), got "https:/,
  )
})

t.test('settings that no image reads are minor: everything else goes on', async t => {
  const { fatal, minor } = problems({ variables: { ENABLE_LOBY: '1', TZ: 'UTC' } })
  t.strictSame(fatal, [])
  t.match(minor, [{ reason: 'SettingUnknown' }, { reason: 'SettingHasField' }])
})

t.test('a value is never repeated where it might be a secret, and never at length', async t => {
  const secret = 'swordfish'
  for (const spec of [
    { variables: { JWT_APP_SECRET: { value: secret } } },
    { variables: secret },
    { existingSecret: { name: [secret] } },
    { turn: { host: 'turn', secret } },
    { domain: `${secret}_`.repeat(9) },
    { domain: { of: secret } },
  ]) {
    const { fatal } = problems(spec)
    t.ok(fatal.length > 0)
    t.notMatch(JSON.stringify(fatal), secret)
  }
})

t.test(
  'what the autoscaling leaves out of account is said, and everything else goes on',
  async t => {
    const entry = { name: 'a', cron: '0 8 * * *', duration: '1h', minReplicas: 5 }
    const behavior = { scaleUp: { policies: [] }, scaledown: {} }
    const jvb = (type: string) => ({
      strategy: { type, minReplicas: 1, maxReplicas: 4 },
      autoscaling: { schedule: [entry, { ...entry, minReplicas: 4 }], behavior },
    })
    const { fatal, minor } = problems({ jvb: jvb('autoscaled') })
    t.strictSame(fatal, [])
    t.strictSame(
      minor.map(({ reason, path }) => `${reason} ${path}`),
      [
        'ScheduleNameTwice spec.jvb.autoscaling.schedule[1].name',
        'ScheduleAboveMaximum spec.jvb.autoscaling.schedule[0].minReplicas',
        'BehaviorInvalid spec.jvb.autoscaling.behavior.scaleUp',
        'BehaviorInvalid spec.jvb.autoscaling.behavior.scaledown',
      ],
    )
    const { minor: whereNothingScales } = problems({ jvb: jvb('static') })
    t.notMatch(whereNothingScales, [{ reason: 'ScheduleAboveMaximum' }])
  },
)

t.test('what counts with an autoscaled fleet alone is said with any other', async t => {
  const autoscaling = {
    schedule: [{ name: 'a', cron: '0 8 * * *', duration: '1h', minReplicas: 2 }],
    spare: '100',
    overprovisioning: { replicas: 1, priorityClassName: 'low' },
  }
  const said = (type: string, written: object) =>
    problems({ jvb: { strategy: { type }, autoscaling: written } }).minor.map(
      ({ reason, path }) => `${reason} ${path}`,
    )
  for (const type of ['static', 'daemonset']) {
    t.strictSame(
      said(type, autoscaling),
      ['schedule', 'spare', 'overprovisioning'].map(
        field => `AutoscalingUnused spec.jvb.autoscaling.${field}`,
      ),
    )
    t.strictSame(said(type, {}), [])
  }
  t.strictSame(said('autoscaled', autoscaling), [])
})

t.test('fields that nothing reads are said, with the one that was meant', async t => {
  const minor = (spec: unknown) => problems(spec).minor.map(({ message }) => message)
  t.strictSame(minor({ ingres: { enabled: true }, jvb: { nodeSelectr: { a: 'b' } } }), [
    'spec.ingres: there is no such field, and nothing reads it; did you mean ingress?',
    'spec.jvb.nodeSelectr: there is no such field, and nothing reads it; did you mean nodeSelector?',
  ])
  t.strictSame(
    minor({
      web: { files: [{ configMap: 'a', key: 'b', path: 'images/c.svg', directory: 'images' }] },
    }),
    [
      'spec.web.files[0].directory: there is no such field, and nothing reads it; kubectl explain jitsi.spec.web.files and docs/api.md list those that there are',
    ],
  )
  t.match(problems({ web: { replica: 2 } }), {
    fatal: [],
    minor: [{ reason: 'FieldUnknown', path: 'spec.web.replica' }],
  })
  const free = { nodeSelector: { a: 'b' }, affinity: { x: 1 }, sidecars: [{ name: 'a', x: 1 }] }
  t.strictSame(minor({ jvb: { ...free, annotations: { a: 'b' } } }), [], 'what is not ours')
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`field${n}`, n]))
  t.equal(minor({ ...many, web: many }).length, 10)
})

t.test('a time to stop in which meetings would be cut is said, and does not count', async t => {
  const minor = (spec: unknown) =>
    problems(spec).minor.map(({ reason, path }) => `${reason} ${path}`)
  const given = { terminationGracePeriodSeconds: 600 }
  t.strictSame(minor({ jvb: given, jibri: given }), [
    'StopsTooSoon spec.jvb.terminationGracePeriodSeconds',
    'StopsTooSoon spec.jibri.terminationGracePeriodSeconds',
  ])
  t.strictSame(minor({ jvb: { ...given, drain: { timeout: '9m' } } }), [])
})
