import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import t from 'tap'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { settle } from '../support/cluster.ts'
import { request } from '../support/fixtures.ts'
import { goldenNodes } from '../support/golden-cases.ts'

/** The examples of the sizing table in docs/autoscaling.md, at ten on a Monday. */
const cases = [
  { people: 100, bridges: 2, cpus: '4' },
  { people: 1000, bridges: 8, cpus: '8' },
  { people: 10_000, bridges: 70, cpus: '8' },
]

for (const { people, bridges, cpus } of cases) {
  t.test(`the example for ${people} people means what the table says`, async t => {
    const [example] = loadAll(readFileSync(`examples/sizing/${people}-people.yaml`, 'utf8'))
    const { apiVersion, kind, metadata, spec } = example as KubeObject
    const jitsi = {
      apiVersion,
      kind,
      metadata: { namespace: 'meet', uid: 'uid', ...metadata },
      spec,
    }
    const { answer } = settle(request({ jitsi }), { nodes: goldenNodes })
    const { conditions = [], replicas } = answer.status as JitsiStatus
    const valid = conditions.find(({ type }) => type === 'ConfigurationValid')
    t.match(valid, { status: 'True' })
    t.equal(replicas, bridges)
    const pod = answer.children.find(({ metadata }) => /-jvb-0$/.test(metadata.name))
    t.match(pod?.spec, { containers: [{ resources: { requests: { cpu: cpus } } }] })
  })
}
