import t from 'tap'
import { growth } from '../../src/autoscaling/growth.ts'
import { resolveSpec } from '../../src/core/context.ts'

const cases = [
  {
    name: 'cpu',
    metric: { source: 'cpu' },
    want: 'when they use 65 % of the CPU that they request',
  },
  {
    name: 'cpu, half of the limit requested',
    metric: { source: 'cpu', target: '0.5' },
    cpu: { request: '1', limit: '2' },
    want: 'when they use 100 % of the CPU that they request',
  },
  {
    name: 'the adapter',
    metric: { source: 'kube-metrics-adapter' },
    want: 'when their mean stress is 0.72',
  },
  {
    name: 'a tolerance of its own',
    metric: { source: 'kube-metrics-adapter' },
    more: { tolerance: '0.2' },
    want: 'when their mean stress is 0.79',
  },
  {
    name: 'a share kept free',
    metric: { source: 'kube-metrics-adapter' },
    more: { spare: '30%' },
    want: 'when their mean stress is 0.56',
  },
  {
    name: 'custom',
    metric: { source: 'custom', metrics: [{ type: 'Pods' }] },
    want: 'when one of spec.jvb.autoscaling.metric.metrics does',
  },
]

for (const { name, metric, more, want, ...rest } of cases) {
  t.test(`${name}: says what it takes to grow`, async t => {
    const { jvb } = resolveSpec({ jvb: { autoscaling: { metric, ...more } } })
    const cpu = rest.cpu ?? { request: '2', limit: '2' }
    const input = { instance: 'meet', namespace: 'school', jvb, cpu, minReplicas: 2 }
    t.equal(growth({ ...input, loadBase: undefined }), want)
  })
}
