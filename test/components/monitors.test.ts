import t from 'tap'
import { signalling } from '../../src/components/all.ts'
import { bridgePod } from '../../src/components/jvb/bridge-pod.ts'
import { revisionOf } from '../../src/components/jvb/revision.ts'
import { monitors } from '../../src/components/monitors.ts'
import type { Deployment, Pod } from '../../src/kube/types.ts'
import { context } from '../support/fixtures.ts'

const kinds = ['podmonitors']

t.test('PodMonitors are made only where asked for and known', async t => {
  t.strictSame(monitors(context({ kinds })), [], 'nobody asked')
  t.strictSame(monitors(context({ spec: { metrics: true } })), [], 'the cluster has no such kind')
  const made = monitors(context({ spec: { metrics: true }, kinds }))
  t.ok(made.every(({ kind }) => kind === 'PodMonitor'))
  t.strictSame(made.map(({ metadata }) => metadata.name).sort(), [
    'meet-jicofo',
    'meet-jvb',
    'meet-prosody',
  ])
})

t.test('each asks a port that its Pods have', async t => {
  const all = context({ spec: { metrics: true }, kinds })
  const bridge = { index: 0, port: 10_000, pinnedTo: undefined, portsRefused: [] }
  const pods = [...signalling(all), bridgePod(all, bridge, revisionOf(all))].map(object => {
    const spec =
      object.kind === 'Deployment'
        ? (object as Deployment).spec?.template.spec
        : (object as Pod).spec
    const component = object.metadata.labels?.['app.kubernetes.io/component']
    return { component, ports: spec?.containers?.[0]?.ports?.map(({ name }) => name) ?? [] }
  })
  for (const { metadata, spec } of monitors(all)) {
    const component = metadata.labels?.['app.kubernetes.io/component']
    const [endpoint] = (spec as { podMetricsEndpoints: { port: string }[] }).podMetricsEndpoints
    const named = pods.filter(pod => pod.component === component).flatMap(({ ports }) => ports)
    t.ok(named.includes(endpoint?.port), `${metadata.name}: ${endpoint?.port}`)
  }
})
