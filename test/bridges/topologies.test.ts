import t from 'tap'
import { meet, serving } from './lessons.ts'
import { School } from './school.ts'

const names = ({ cluster }: School) =>
  cluster.bridgePods.map(({ metadata }) => metadata.name).sort()
const on = ({ cluster }: School, node: string) =>
  cluster.bridgePods.filter(({ spec }) => spec.nodeName === node)
const strategies = {
  static: { jvb: { strategy: { type: 'static', replicas: 5 } } },
  daemonset: { jvb: { strategy: { type: 'daemonset' } } },
  autoscaled: { jvb: { strategy: { type: 'autoscaled', minReplicas: 5, maxReplicas: 8 } } },
}

/** A daemonset on five nodes that serves, with meetings of so many minutes. */
async function daemonset(minutes: number, jvb: Record<string, unknown> = {}) {
  const school = new School({ spec: { jvb: { strategy: { type: 'daemonset' }, ...jvb } } })
  await school.until(serving(school, 5), 600)
  meet(school, 10, { minutes })
  await school.cluster.run(120)
  return school
}

t.test('another topology leaves bridges that serve as they are', async t => {
  const school = new School({ spec: strategies.static })
  t.ok(await school.until(serving(school, 5), 600))
  meet(school, 10, { minutes: 300 })
  await school.cluster.run(120)
  const before = names(school)
  for (const type of ['daemonset', 'autoscaled', 'static', 'autoscaled', 'daemonset'] as const) {
    school.apply(strategies[type])
    await school.cluster.run(600)
    t.strictSame(names(school), before, type)
    t.equal(school.bridges('Serving').length, 5, type)
  }
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('a new node gets its bridge, and one that is gone takes its own along', async t => {
  const school = await daemonset(30)
  school.cluster.nodes.add({ name: 'node-6' })
  t.ok(await school.until(serving(school, 6), 600))
  t.equal(on(school, 'node-6').length, 1)
  school.cluster.nodes.remove('node-6')
  t.ok(await school.until(() => on(school, 'node-6').length === 0, 600))
  t.ok(await school.until(serving(school, 5), 600))
  t.equal(school.cluster.bridgePods.length, 5)
})

t.test('a cordoned node is left when its meetings end, and used again later', async t => {
  const school = await daemonset(30)
  school.cluster.nodes.cordon('node-2')
  t.ok(await school.until(() => school.bridges('Draining').length === 1, 60))
  t.ok(await school.until(() => on(school, 'node-2').length === 0, 3600))
  await school.cluster.run(300)
  t.equal(school.cluster.bridgePods.length, 4, 'no bridge waits for it')
  school.cluster.nodes.cordon('node-2', false)
  t.ok(await school.until(serving(school, 5), 600))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

for (const effect of ['NoSchedule', 'NoExecute'] as const) {
  t.test(`a node with a ${effect} taint that nobody bears is left`, async t => {
    const school = await daemonset(30)
    const taint = { key: 'example.org/repair', effect }
    school.cluster.nodes.taint('node-3', taint)
    t.ok(await school.until(() => on(school, 'node-3').length === 0, 3600))
    await school.cluster.run(300)
    t.equal(school.cluster.bridgePods.length, 4, 'no bridge waits for it')
    t.match(school.fleet.tally(), { cut: 0, moved: 0 })
    school.cluster.nodes.taint('node-3', taint, false)
    t.ok(await school.until(serving(school, 5), 600))
  })
}

t.test('a taint that bridges bear changes nothing', async t => {
  const tolerations = [{ key: 'media', operator: 'Exists' }]
  const school = await daemonset(60, { tolerations })
  const before = names(school)
  school.cluster.nodes.taint('node-3', { key: 'media', effect: 'NoExecute' })
  await school.cluster.run(600)
  t.strictSame(names(school), before)
  t.equal(school.bridges('Serving').length, 5)
})

t.test('a node that is not ready is waited for', async t => {
  const school = await daemonset(60)
  const before = names(school)
  school.cluster.nodes.notReady('node-4')
  await school.cluster.run(1800)
  t.strictSame(names(school), before)
  school.cluster.nodes.notReady('node-4', false)
  t.ok(await school.until(serving(school, 5), 600))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })
})

t.test('nodes join and leave by their labels', async t => {
  const nodeSelector = { media: 'true' }
  const strategy = { type: 'daemonset' }
  const school = new School({ spec: { jvb: { strategy, nodeSelector } } })
  const label = (node: string, labels: Record<string, string>) =>
    school.cluster.nodes.relabel(node, { 'kubernetes.io/os': 'linux', ...labels })

  await school.cluster.run(120)
  t.equal(school.cluster.bridgePods.length, 0)
  t.match(school.condition('Ready'), { status: 'False', reason: 'NoMatchingNode' })
  t.match(school.condition('Progressing'), { reason: 'NoMatchingNode', message: /media=true/ })

  label('node-1', nodeSelector)
  label('node-2', nodeSelector)
  t.ok(await school.until(serving(school, 2), 600))
  meet(school, 4, { minutes: 30 })
  await school.cluster.run(120)
  label('node-2', {})
  t.ok(await school.until(() => on(school, 'node-2').length === 0, 3600))
  t.match(school.fleet.tally(), { cut: 0, moved: 0 })

  label('node-1', {})
  await school.cluster.run(600)
  t.equal(on(school, 'node-1').length, 1, 'the last one stays: an empty list may be a late one')
  t.match(school.condition('Progressing'), { reason: 'NoMatchingNode' })
})
