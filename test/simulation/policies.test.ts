import t from 'tap'
import { clairvoyant } from '../../src/simulation/clairvoyant.ts'
import { ours } from '../../src/simulation/ours.ts'
import { peer } from '../../src/simulation/peer.ts'
import { plot } from '../../src/simulation/plot.ts'
import { policiesOf, sizesOf } from '../../src/simulation/policies.ts'
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

t.test('the bound is people over full bridges, and never below the minimum', async t => {
  const { samples, peakBridges } = clairvoyant(morning, sizes)
  t.equal(fullBridge(sizes), 72)
  t.equal(peakBridges, Math.ceil((8 * 24) / 72))
  t.equal(samples[0]?.bridges, sizes.minReplicas)
})

t.test('ours carries a morning without cutting or moving anybody, from either source', async t => {
  for (const source of ['stress', 'cpu']) {
    const outcome = await ours(morning, sizes, {
      name: source,
      autoscaling: { metric: { source } },
    })
    t.match(outcome, { cut: 0, moved: 0, refused: 0 }, source)
    t.ok(outcome.peakBridges >= 4, `${source}: ${outcome.peakBridges} bridges`)
    t.ok(outcome.participantMinutes > 8 * 24 * 80, `${source}: everybody was there`)
  }
})

t.test('ours is ready before a lesson that is in the timetable', async t => {
  const schedule = [{ name: 'lessons', cron: '5 0 * * *', duration: '2h', minReplicas: 5 }]
  const stress = { metric: { source: 'stress' } }
  const surprised = await ours(morning, sizes, { name: 'without', autoscaling: stress })
  const prepared = await ours(morning, sizes, {
    name: 'with',
    autoscaling: { ...stress, schedule },
  })
  t.ok(prepared.minutesOver08 < surprised.minutesOver08 / 4)
})

t.test('ours cuts nobody by a rollout, what people have today moves everybody', async t => {
  const stress = { name: 'ours', autoscaling: { metric: { source: 'stress' } } }
  const own = await ours(rolledOut, sizes, stress)
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
  const outcomes = [bound, { ...bound, policy: 'ours', bridgeHours: bound.bridgeHours * 1.25 }]
  t.match(table('morning', outcomes), /### morning[\s\S]*\| ours \| [0-9.]+ \| 1\.25 \|/)
  t.match(plot('morning', outcomes), /^<svg[\s\S]*<polyline[\s\S]*<\/svg>\n$/)
  t.match(table('empty', []), /### empty/)
})

t.test('days with large rooms have large bridges', async t => {
  t.equal(sizesOf('lecture').cpus, 8)
  t.equal(sizesOf('school-day').cpus, 4)
  t.equal(policiesOf('flash-crowd').length, 2, 'nobody has a timetable for it')
  t.equal(policiesOf('school-day').length, 3)
})
