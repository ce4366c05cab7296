import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import t from 'tap'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { settle } from '../support/cluster.ts'
import { request } from '../support/fixtures.ts'
import { goldenNodes } from '../support/golden-cases.ts'

/** The examples of the sizing table in docs/autoscaling.md, and larger ones, at ten on a Monday. */
const cases = [
  { file: '100-people.yaml', bridges: [2], cpus: '4' },
  { file: '1000-people.yaml', bridges: [9], cpus: '8' },
  { file: '10000-people.yaml', bridges: [84], cpus: '8' },
  { file: 'university-10000.yaml', bridges: [42, 42], cpus: '8' },
]

for (const { file, bridges, cpus } of cases) {
  t.test(`${file} means what it says`, async t => {
    const jitsis = loadAll(readFileSync(`examples/sizing/${file}`, 'utf8')) as KubeObject[]
    const settled = jitsis.map(({ metadata, ...rest }) => {
      const jitsi = { ...rest, metadata: { namespace: 'meet', uid: 'uid', ...metadata } }
      return settle(request({ jitsi: jitsi as KubeObject }), { nodes: goldenNodes }).answer
    })
    t.strictSame(
      settled.map(({ status }) => (status as JitsiStatus).replicas),
      bridges,
    )
    for (const { status, children } of settled) {
      const { conditions = [] } = status as JitsiStatus
      t.match(
        conditions.find(({ type }) => type === 'ConfigurationValid'),
        { status: 'True' },
      )
      const pod = children.find(({ metadata }) => /-jvb-0$/.test(metadata.name))
      t.match(pod?.spec, { containers: [{ resources: { requests: { cpu: cpus } } }] })
    }
  })
}

t.test('installations that share nodes share no port', async t => {
  const jitsis = loadAll(
    readFileSync('examples/sizing/university-10000.yaml', 'utf8'),
  ) as KubeObject[]
  const [first, second] = jitsis.map(({ spec }) => {
    const { udp, count } = (spec as { jvb: { ports: { udp: number; count: number } } }).jvb.ports
    return { from: udp, to: udp + count - 1 }
  })
  t.ok(first && second && first.to < second.from)
})
