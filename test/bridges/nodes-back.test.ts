import t from 'tap'
import { meet, serving } from './lessons.ts'
import { School } from './school.ts'

/*
 * A Node is deleted and registers anew while what runs there goes on: a cloud's controller takes a
 * machine without network for one that was deleted. Facts of the node are up to 30 s old.
 */

const fleets = [
  { strategy: { type: 'static', replicas: 5 }, nodes: 5, count: 5 },
  { strategy: { type: 'static', replicas: 2 }, nodes: 1, count: 2 },
  { strategy: { type: 'daemonset' }, nodes: 5, count: 5 },
  { strategy: { type: 'daemonset', perNode: 2 }, nodes: 1, count: 2 },
  { strategy: { type: 'autoscaled', minReplicas: 5, maxReplicas: 8 }, nodes: 5, count: 5 },
]

for (const { strategy, nodes, count } of fleets) {
  for (const seconds of [5, 20, 35]) {
    t.test(`${strategy.type}: one node of ${nodes} is back after ${seconds} s`, async t => {
      const school = new School({ spec: { jvb: { strategy } }, nodes })
      t.ok(await school.until(serving(school, count), 600))
      meet(school, 10, { minutes: 300 })
      await school.cluster.run(120)
      const made = school.status.fleet?.lastNumber ?? 0
      const node = school.cluster.bridgePods[0]?.spec.nodeName ?? ''
      const on = school.cluster.bridgePods.filter(({ spec }) => spec.nodeName === node).length
      school.cluster.nodes.registerAnew(node, seconds)
      await school.cluster.run(900)
      t.equal(school.bridges('Serving').length, count)
      t.equal(school.cluster.bridgePods.length, count)
      const more = (school.status.fleet?.lastNumber ?? 0) - made
      t.ok(more <= on, `${on} at most take the place of those there, not ${more}`)
      t.match(school.fleet.tally(), { cut: 0, moved: 0 })
    })
  }
}
