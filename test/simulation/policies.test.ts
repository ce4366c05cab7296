import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import t from 'tap'
import { resolveSpec } from '../../src/core/context.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { clairvoyant, fluidBound } from '../../src/simulation/clairvoyant.ts'
import { ours } from '../../src/simulation/ours.ts'
import { peer } from '../../src/simulation/peer.ts'
import { plot } from '../../src/simulation/plot.ts'
import { defaultPolicies, ownPolicy, policyOf, sizesOf } from '../../src/simulation/policies.ts'
import { fullBridge, usualSizes } from '../../src/simulation/sizes.ts'
import { table } from '../../src/simulation/table.ts'
import { parseTrace } from '../../src/simulation/trace.ts'

/** A morning of two lessons in eight classes. */
const classes = Array.from({ length: 8 }, (_, number) => `class-${number + 1}`)
const lesson = (at: number) =>
  classes.flatMap(room => [`${at},${room},8`, `${at + 2},${room},24`, `${at + 45},${room},0`])
const morning = parseTrace('morning', [...lesson(20), ...lesson(75)].join('\n'))
const rolledOut = parseTrace('rollout', ['30,#rollout,0', ...lesson(20)].join('\n'))
const sizes = usualSizes

t.test('the fluid bound is people over full bridges, and never below the minimum', async t => {
  const { samples, peakBridges } = fluidBound(morning, sizes)
  t.equal(fullBridge(sizes), 72)
  t.equal(peakBridges, Math.ceil((8 * 24) / 72))
  t.equal(samples[0]?.bridges, sizes.minReplicas)
})

t.test('who knows the day', async t => {
  t.test('never has fewer bridges than the bound', async t => {
    const least = fluidBound(morning, sizes).samples
    const known = clairvoyant(morning, sizes).samples
    t.ok(known.every(({ bridges }, minute) => bridges >= (least[minute]?.bridges ?? 0)))
  })

  const counts = (csv: string, change = {}) =>
    clairvoyant(parseTrace('day', csv), { ...sizes, minReplicas: 1, ...change }).samples.map(
      ({ bridges }) => bridges,
    )

  t.test('puts no meeting on two bridges because it fits better', async t => {
    // 3 × 40 people: 120 are two bridges of 72, but no two meetings of 40 fit on one.
    t.equal(counts('10,a,40\n10,b,40\n10,c,40\n20,a,0\n20,b,0\n20,c,0')[15], 3)
  })

  t.test('splits a meeting that no bridge can carry, and pays for the relays', async t => {
    // Two halves of 70 carry each other with 7 more.
    t.equal(counts('10,a,140\n20,a,0')[15], 3)
  })

  t.test('starts bridges in time, and keeps those that could not start again', async t => {
    const two = '10,a,70\n10,b,70\n20,a,0\n20,b,0\n'
    const got = counts(`${two}22,a,70\n22,b,70\n30,a,0\n30,b,0\n40,c,1\n41,c,0`)
    t.equal(got[6], 1)
    t.equal(got[7], 2, 'two minutes of a node, half of the image, the rest of the start')
    t.equal(got[21], 2, 'the break is shorter than a start')
    t.equal(got[31], 1)
  })

  t.test('mixes no releases', async t => {
    const day = '0,a,10\n30,a,0\n15,b,10\n30,b,0'
    t.equal(counts(day)[20], 1)
    t.equal(counts(`10,#rollout,0\n${day}`)[20], 2)
  })
})

t.test('ours carries a morning without cutting or moving anybody, from either source', async t => {
  for (const policy of defaultPolicies) {
    const outcome = await ours(morning, sizes, policy)
    t.match(outcome, { cut: 0, moved: 0, refused: 0 }, policy.name)
    t.ok(outcome.peakBridges >= 4, `${policy.name}: ${outcome.peakBridges} bridges`)
    t.ok(outcome.participantMinutes > 8 * 24 * 80, `${policy.name}: everybody was there`)
  }
})

t.test('ours is ready before a lesson that is in the timetable', async t => {
  const schedule = [{ name: 'lessons', cron: '5 0 * * *', duration: '2h', minReplicas: 5 }]
  const stress = { metric: { source: 'stress' } }
  const surprised = await ours(morning, sizes, ownPolicy(stress))
  const prepared = await ours(morning, sizes, ownPolicy({ ...stress, schedule }))
  t.ok(prepared.minutesOver08 < surprised.minutesOver08 / 4)
})

t.test('ours cuts nobody by a rollout, what people have today moves everybody', async t => {
  const own = await ours(rolledOut, sizes, ownPolicy({ metric: { source: 'stress' } }))
  const theirs = await peer(rolledOut, sizes)
  t.match(own, { cut: 0, moved: 0 })
  t.ok(theirs.moved >= 8 * 24 - theirs.cut, `${theirs.moved} moved, ${theirs.cut} cut`)
})

t.test('the same day gives the same outcome', async t => {
  const twice = [await peer(morning, sizes), await peer(morning, sizes)]
  t.strictSame(twice[0], twice[1])
})

t.test('outcomes are shown as a table and as a picture', async t => {
  const bound = clairvoyant(morning, sizes)
  const ours = { ...bound, policy: 'ours', bridgeHours: bound.bridgeHours * 1.25 }
  const half = { ...ours, minutesOver08: ours.participantMinutes / 2 }
  const outcomes = [fluidBound(morning, sizes), bound, half]
  t.match(
    table('morning', outcomes),
    /### morning[\s\S]*\| ours \| [0-9.]+ \| [0-9.]+ \| 1\.25 \| 3 \| 50\.0 % \|/,
  )
  t.match(plot('morning', outcomes), /^<svg[\s\S]*<polyline[\s\S]*<\/svg>\n$/)
  t.match(table('empty', []), /### empty/)
})

t.test('a Jitsi says how large bridges are, and where midnight is', async t => {
  const text = readFileSync('examples/traces/university.yaml', 'utf8')
  const [jitsi] = loadAll(text) as KubeObject[]
  const spec = resolveSpec(jitsi?.spec)
  t.match(sizesOf(spec), { cpus: 8, minReplicas: 2 })
  const { jvb, timezone } = policyOf('university', { ...spec, timezone: 'America/New_York' })
  t.equal(timezone, 'America/New_York')
  t.equal(jvb.autoscaling?.schedule.length, 6)
  // Five past midnight in New York is in the lesson before which bridges are to be ready.
  const schedule = [{ name: 'night', cron: '5 0 * * *', duration: '1h', minReplicas: 5 }]
  const policy = { ...ownPolicy({ metric: { source: 'stress' }, schedule }), timezone }
  const { samples } = await ours(morning, sizes, { ...policy, timezone: 'America/New_York' })
  t.equal(samples[4]?.bridges, 2)
  t.equal(samples[10]?.bridges, 5)
})
