import t from 'tap'
import {
  isForeign,
  type LoadEdges,
  type LoadQuery,
  loadOf,
  seenBridges,
} from '../../src/autoscaling/load.ts'

const bridge = (stress: number, people: number, more: Record<string, unknown> = {}) => ({
  startup_time: 1,
  healthy: true,
  drain_mode: false,
  shutting_down: false,
  mucs_joined: 1,
  stress,
  local_endpoints: people,
  conferences: 1,
  ...more,
})

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
const silent = new Error('the deadline passed')

/** Edges to bridges at 10.0.0.1, 10.0.0.2, …; keeps what was asked for. */
function edgesTo(bridges: unknown[], asked: string[] = []): LoadEdges {
  const answers = new Map(bridges.map((answer, index) => [`10.0.0.${index + 1}`, answer]))
  return {
    addresses: async host => {
      asked.push(host)
      return [...answers.keys()]
    },
    readJson: async url => {
      asked.push(url)
      const answer = answers.get(new URL(url).hostname)
      if (answer instanceof Error) throw answer
      return answer
    },
    deadline: () => new AbortController().signal,
  }
}

const query = { namespace: 'school', jitsi: 'meet' }

async function loadBy(edges: LoadEdges, { spare = 0, ...whose }: LoadQuery & { spare?: number }) {
  const seen = await seenBridges(whose, edges)
  return 'status' in seen ? seen : loadOf(seen, spare)
}

const load = (bridges: unknown[], spare = 0) => loadBy(edgesTo(bridges), { ...query, spare })

t.test('sums the bridges that take meetings', async t => {
  const all = [bridge(0.5, 50), bridge(0.25, 20), bridge(0.9, 90, { drain_mode: true }), refused]
  t.strictSame(await load(all), {
    stress: 1.65,
    bridges: 2,
    participants: 70,
    draining: 1,
    starting: 1,
  })
})

t.test('adds room for participants, by what one takes here', async t => {
  const all = [bridge(0.5, 50), bridge(0.5, 50)]
  t.match(await load(all, 50), { stress: 1.5 })
  t.match(
    await load([bridge(0, 0), bridge(0, 0)], 50),
    { stress: 0.5 },
    'where nobody is, by default',
  )
})

t.test('asks every bridge of the headless Service in their order, and nobody else', async t => {
  const asked: string[] = []
  const edges = edgesTo([bridge(0, 0), bridge(0, 0)], asked)
  const backwards: LoadEdges['addresses'] = async (host, deadline) =>
    (await edges.addresses(host, deadline)).toReversed()
  await loadBy({ ...edges, addresses: backwards }, query)
  t.strictSame(asked, [
    'meet-jvb.school.svc',
    'http://10.0.0.1:8080/metrics',
    'http://10.0.0.2:8080/metrics',
  ])
})

t.test('gives no number where anything is unknown', async t => {
  const cases = [
    {
      name: 'one does not answer',
      bridges: [bridge(0.1, 1), silent],
      message: 'No answer from 10.0.0.2.',
    },
    {
      name: 'one answers nonsense',
      bridges: [bridge(0.1, 1), { stress: 'much' }],
      message: 'No answer from 10.0.0.2.',
    },
    {
      name: 'one has lost count',
      bridges: [bridge(0.1, 1), bridge(0.1, -1)],
      message: 'No answer from 10.0.0.2.',
    },
    {
      name: 'many do not answer',
      bridges: new Array(7).fill(silent),
      message: /10\.0\.0\.5 and 2 more/,
    },
    {
      name: 'as many as are named do not',
      bridges: new Array(5).fill(silent),
      message: /10\.0\.0\.5\.$/,
    },
    {
      name: 'all drain',
      bridges: [bridge(0, 0, { drain_mode: true })],
      message: /No bridge takes/,
    },
    { name: 'a wall refuses for them', bridges: [refused, refused], message: /No bridge takes/ },
    { name: 'there is no bridge', bridges: [], message: /has no address/ },
  ]
  for (const { name, bridges, message } of cases) {
    t.match(await load(bridges), { status: 503, message }, name)
  }
})

t.test('keeps the figures of each bridge, and nothing else that it said', async t => {
  const seen = await seenBridges(query, edgesTo([bridge(0.5, 50, { more: 'x'.repeat(1000) })]))
  t.strictSame(seen, {
    bridges: [{ state: 'serving', carried: { stress: 0.5, participants: 50 } }],
  })
})

t.test('gives no number of bridges that were looked up too late', async t => {
  const late = AbortSignal.abort()
  const edges = { ...edgesTo([bridge(0.5, 50)]), deadline: () => late }
  const message = 'meet-jvb.school.svc was not looked up in time; ask again.'
  t.strictSame(await loadBy(edges, query), { status: 503, message })
})

t.test('asks for nothing that cannot be a Jitsi', async t => {
  const asked: string[] = []
  const names = ['', '..', 'a.b', 'A', '-a', 'a'.repeat(64), 'evil.example.org#', '169.254.169.254']
  for (const name of names) {
    const edges = edgesTo([bridge(0, 0)], asked)
    t.match(await loadBy(edges, { ...query, namespace: name }), { status: 404 }, name)
    t.match(await loadBy(edges, { ...query, jitsi: name }), { status: 404 }, name)
  }
  t.strictSame(asked, [])
})

t.test('follows no name to the machine itself, nor to the whole network', async t => {
  const to = (addresses: string[]): LoadEdges => ({
    ...edgesTo([]),
    addresses: async () => addresses,
    readJson: async () => bridge(0.5, 1),
  })
  for (const address of ['127.0.0.1', '169.254.169.254', '::1', '0.0.0.0', 'fe80::1', 'nonsense']) {
    t.match(await loadBy(to(['10.0.0.1', address]), query), { status: 503 }, address)
  }
  const everybody = Array.from({ length: 1001 }, (_, index) => `10.1.${index >> 8}.${index & 255}`)
  t.match(await loadBy(to(everybody), query), { status: 503, message: /has 1001 addresses.*1000/ })
  t.match(await loadBy(to(everybody.slice(1)), query), { bridges: 1000 })
  t.match(await loadBy(to(['10.0.0.1', '10.0.0.1', 'fd00::1']), query), { bridges: 2 })
  t.ok(isForeign('fd00::1'))
  const lost = { ...to([]), addresses: () => Promise.reject(new Error('ENOTFOUND')) }
  t.match(await loadBy(lost, query), { status: 503 })
})
