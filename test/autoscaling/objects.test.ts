import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { JvbSpec } from '../../src/api/jvb-spec.ts'
import {
  type AutoscalerInput,
  autoscaler,
  autoscalerProblem,
  loadBaseOf,
} from '../../src/autoscaling/objects.ts'

const input = (
  autoscaling: Record<string, unknown> = {},
  overrides: Partial<AutoscalerInput> = {},
): AutoscalerInput => ({
  instance: 'meet',
  namespace: 'school',
  jvb: Value.Default(JvbSpec, { strategy: { type: 'autoscaled' }, autoscaling }) as JvbSpec,
  cpu: { request: '2', limit: '2' },
  minReplicas: 2,
  loadBase: 'http://jitsi-operator.jitsi-operator.svc:8080',
  ...overrides,
})

interface Hpa {
  metadata: { annotations?: Record<string, string> }
  spec: {
    minReplicas: number
    maxReplicas: number
    metrics: Record<string, Record<string, unknown>>[]
    behavior: Record<string, Record<string, unknown>>
  }
}
const hpa = (from: AutoscalerInput) => autoscaler(from) as unknown as Hpa

t.test('targets the Jitsi itself, with every default written out', async t => {
  t.strictSame(autoscaler(input()), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: 'meet-jvb',
      namespace: 'school',
      labels: {
        'app.kubernetes.io/name': 'jitsi',
        'app.kubernetes.io/instance': 'meet',
        'app.kubernetes.io/component': 'jvb',
        'app.kubernetes.io/part-of': 'jitsi',
        'app.kubernetes.io/managed-by': 'jitsi-operator',
      },
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps.jit.si/v1alpha1', kind: 'Jitsi', name: 'meet' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'jvb',
            target: { type: 'Utilization', averageUtilization: 59 },
          },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 1200,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 1, periodSeconds: 120 },
            { type: 'Percent', value: 25, periodSeconds: 120 },
          ],
        },
      },
    },
  })
})

t.test('counts CPU against the request, stress against the limit', async t => {
  const cases = [
    { name: 'the same', cpu: { request: '2', limit: '2' }, target: '0.5', want: 45 },
    { name: 'half requested', cpu: { request: '1', limit: '2000m' }, target: '0.5', want: 90 },
    { name: 'no limit', cpu: { request: '4', limit: undefined }, target: '0.3', want: 27 },
    {
      name: 'a limit is a request',
      cpu: { request: undefined, limit: '4' },
      target: '0.3',
      want: 27,
    },
    { name: 'never nothing', cpu: { request: '64', limit: '1' }, target: '0.1', want: 1 },
  ]
  for (const { name, cpu, target, want } of cases) {
    const [metric] = hpa(input({ metric: { target } }, { cpu })).spec.metrics
    t.match(metric, { containerResource: { target: { averageUtilization: want } } }, name)
  }
  const [metric] = hpa(input({ spare: '50%' })).spec.metrics
  t.match(
    metric,
    { containerResource: { target: { averageUtilization: 39 } } },
    'a third stays free',
  )
})

t.test('lets kube-metrics-adapter ask for the load', async t => {
  const source = { source: 'kube-metrics-adapter', target: '0.55' }
  const { metadata, spec } = hpa(input({ metric: source }))
  // The names are those of the adapter's HTTP collector, pkg/collector/http_collector.go.
  t.strictSame(metadata.annotations, {
    'metric-config.external.jitsi-load.json-path/endpoint':
      'http://jitsi-operator.jitsi-operator.svc:8080/load/school/meet',
    'metric-config.external.jitsi-load.json-path/interval': '15s',
    'metric-config.external.jitsi-load.json-path/json-key': '$.stress',
  })
  t.strictSame(spec.metrics, [
    {
      type: 'External',
      external: {
        metric: {
          name: 'jitsi-load',
          selector: { matchLabels: { jitsi: 'meet', type: 'json-path' } },
        },
        target: { type: 'AverageValue', averageValue: '550m' },
      },
    },
  ])
  const spare = hpa(input({ metric: source, spare: '100' })).metadata.annotations ?? {}
  t.match(spare['metric-config.external.jitsi-load.json-path/endpoint'], /meet\?spare=100$/)
})

t.test('takes the metrics of the user, in the form in which the API server keeps them', async t => {
  const own = [
    {
      type: 'Pods',
      pods: {
        metric: { name: 'jitsi_jvb_stress' },
        target: { type: 'AverageValue', averageValue: '0.5' },
      },
    },
    { type: 'Object', object: { target: { type: 'Value', value: 2000 } } },
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
    },
  ]
  t.match(hpa(input({ metric: { source: 'custom', metrics: own } })).spec.metrics, [
    { type: 'Pods', pods: { target: { averageValue: '500m' } } },
    { type: 'Object', object: { target: { value: '2k' } } },
    own[2],
  ])
})

t.test('has the rules and limits of the spec', async t => {
  const behavior = { scaleUp: { tolerance: '0.05' }, scaleDown: { selectPolicy: 'Disabled' } }
  const { spec } = hpa(input({ behavior, tolerance: '0.2' }, { minReplicas: 12 }))
  t.match(spec.behavior, {
    scaleUp: { tolerance: '50m' },
    scaleDown: { tolerance: '200m', selectPolicy: 'Disabled' },
  })
  t.match(
    spec,
    { minReplicas: 12, maxReplicas: 12 },
    'a schedule may ask for more than the maximum',
  )
})

t.test('is absent where nothing of it is wanted, or something lacks', async t => {
  const cases = [
    { name: 'another topology', from: { ...input(), jvb: Value.Default(JvbSpec, {}) as JvbSpec } },
    { name: 'our own source', from: input({ metric: { source: 'stress' } }) },
    {
      name: 'no metrics given',
      from: input({ metric: { source: 'custom' } }),
      problem: /metric\.metrics/,
    },
    {
      name: 'no CPU request',
      from: input({}, { cpu: { request: undefined, limit: undefined } }),
      problem: /spec\.jvb\.resources/,
    },
    {
      name: 'our own address unknown',
      from: input({ metric: { source: 'kube-metrics-adapter' } }, { loadBase: undefined }),
      problem: /Metacontroller/,
    },
  ]
  for (const { name, from, problem } of cases) {
    t.equal(autoscaler(from), undefined, name)
    if (problem) t.match(autoscalerProblem(from), problem, name)
    else t.equal(autoscalerProblem(from), undefined, name)
  }
})

t.test('learns from the request where this service is', async t => {
  const told = (webhook: unknown) => loadBaseOf({ spec: { hooks: { sync: { webhook } } } })
  const service = { name: 'op', namespace: 'jitsi' }
  t.equal(
    told({ url: 'http://op.jitsi.svc:8080/jitsi/sync?revision=2' }),
    'http://op.jitsi.svc:8080',
  )
  t.equal(told({ service, path: '/jitsi/sync' }), 'http://op.jitsi.svc:80')
  t.equal(
    told({ service: { ...service, port: 8443, protocol: 'https' } }),
    'https://op.jitsi.svc:8443',
  )
  for (const odd of [undefined, {}, { url: 'no url' }, { service: { name: 'op' } }]) {
    t.equal(told(odd), undefined, JSON.stringify(odd))
  }
  for (const odd of [undefined, null, {}, { spec: {} }, { spec: { hooks: 7 } }]) {
    t.equal(loadBaseOf(odd), undefined, JSON.stringify(odd))
  }
})
