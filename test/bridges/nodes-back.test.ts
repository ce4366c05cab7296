import t from 'tap'
import { meet, serving } from './lessons.ts'
import { School } from './school.ts'

/*
 * A Node that was to be left is not any more: it was deleted and registers anew while what runs there
 * goes on, or it was cordoned for a while. What is written of it on the bridges is some seconds old.
 */

const fleets = [
  { strategy: { type: 'static', replicas: 5 }, nodes: 5, count: 5 },
  { strategy: { type: 'static', replicas: 2 }, nodes: 1, count: 2 },
  { strategy: { type: 'daemonset' }, nodes: 5, count: 5 },
  { strategy: { type: 'daemonset', perNode: 2 }, nodes: 1, count: 2 },
  { strategy: { type: 'autoscaled', minReplicas: 5, maxReplicas: 8 }, nodes: 5, count: 5 },
]

/** What a node goes through for so many seconds, and whether people are there meanwhile. */
const absences = {
  gone: { people: true, begin: registerAnew },
  cordoned: { people: true, begin: cordon },
  'cordoned with nobody there': { people: false, begin: cordon },
}

function registerAnew({ cluster }: School, node: string, seconds: number): void {
  cluster.nodes.registerAnew(node, seconds)
}

function cordon({ cluster }: School, node: string, seconds: number): void {
  cluster.nodes.cordon(node)
  cluster.timeline.in(seconds, () => cluster.nodes.cordon(node, false))
}

for (const { strategy, nodes, count } of fleets) {
  for (const [name, { people, begin }] of Object.entries(absences)) {
    for (const seconds of [20, 65]) {
      t.test(`${strategy.type}: one node of ${nodes} is ${name} for ${seconds} s`, async t => {
        const school = new School({ spec: { jvb: { strategy } }, nodes })
        t.ok(await school.until(serving(school, count), 600))
        if (people) meet(school, 10, { minutes: 300 })
        await school.cluster.run(120)
        const made = school.status.fleet?.lastNumber ?? 0
        const node = school.cluster.bridgePods[0]?.spec.nodeName ?? ''
        const on = school.cluster.bridgePods.filter(({ spec }) => spec.nodeName === node).length
        begin(school, node, seconds)
        await school.cluster.run(900)
        t.equal(school.bridges('Serving').length, count)
        // Where others serve by then, those that were to go wait for their people to leave.
        const waiting = school.bridges('Draining').length
        t.equal(school.cluster.bridgePods.length, count + waiting)
        const more = (school.status.fleet?.lastNumber ?? 0) - made
        t.ok(more <= on, `${on} at most take the place of those there, not ${more}`)
        t.match(school.fleet.tally(), { cut: 0, moved: 0 })
      })
    }
  }
}
