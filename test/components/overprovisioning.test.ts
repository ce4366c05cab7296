import type { PodSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import type { Deployment, Pod } from '../../src/kube/types.ts'
import { selects } from '../../src/simulation/fleet/selector.ts'
import { find, rendered } from './rendered.ts'

const asked = { replicas: 2, priorityClassName: 'overprovisioning' }
const autoscaled = (overprovisioning: object | undefined, jvb: object = {}) => ({
  jvb: {
    strategy: { type: 'autoscaled' },
    autoscaling: overprovisioning ? { overprovisioning } : {},
    ...jvb,
  },
})

const name = 'meet-overprovisioning'
const placeholder = (spec: object) => {
  const deployment = find<Deployment>(rendered(spec), 'Deployment', name)
  return deployment.spec?.template.spec as PodSpec
}

t.test('is there where it is asked for, and gone when it is switched off', async t => {
  const cases = [
    { name: 'asked for', spec: autoscaled(asked), want: 1 },
    { name: 'not asked for', spec: autoscaled(undefined), want: 0 },
    { name: 'none', spec: autoscaled({ ...asked, replicas: 0 }), want: 0 },
    {
      name: 'a fleet of a fixed size',
      spec: autoscaled(asked, { strategy: { type: 'static' } }),
      want: 0,
    },
  ]
  for (const { name: what, spec, want } of cases) {
    const found = rendered(spec).filter(({ metadata }) => metadata.name === name)
    t.equal(found.length, want, what)
  }
})

t.test('a placeholder needs what a bridge needs, and makes way at once', async t => {
  const spec = autoscaled(asked, {
    resources: { requests: { cpu: '3', memory: '4Gi' }, limits: { cpu: '3', memory: '4Gi' } },
    nodeSelector: { 'example.org/pool': 'media' },
    tolerations: [{ key: 'example.org/media', operator: 'Exists' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } },
    runtimeClassName: 'fast',
    sidecars: [{ name: 'exporter', image: 'exporter:1', resources: { requests: { cpu: '500m' } } }],
  })
  const bridge = find<Pod>(rendered(spec), 'Pod', 'meet-jvb-0').spec
  const pod = placeholder(spec)
  const needs = ({ containers, initContainers: _, affinity, ...rest }: PodSpec) => ({
    containers: containers.map(({ name, resources }) => ({ name, resources: resources ?? {} })),
    nodeAffinity: affinity?.nodeAffinity,
    nodeSelector: rest.nodeSelector,
    tolerations: rest.tolerations,
    runtimeClassName: rest.runtimeClassName,
  })
  t.strictSame(needs(pod), needs(bridge))
  t.match(pod, { priorityClassName: 'overprovisioning', terminationGracePeriodSeconds: 0 })
  const [image] = new Set(pod.containers.map(container => container.image))
  t.equal(image, bridge.containers[0]?.image, 'so that the node has it already')
})

t.test('bridges that need a node for themselves have one each held for them', async t => {
  const terms = (exposure: object) => placeholder(autoscaled(asked, { exposure })).affinity
  t.match(terms({ type: 'HostPort' }), {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: { length: 2 } },
  })
  t.match(terms({ type: 'HostNetwork' }), {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { length: 2 } },
  })
})

t.test('nothing of a Jitsi takes a placeholder for one of its Pods', async t => {
  const objects = rendered(autoscaled(asked))
  const { labels } = find<Deployment>(objects, 'Deployment', name).spec?.template.metadata ?? {}
  const others = objects.filter(({ metadata }) => metadata.name !== name)
  const selectors = others.flatMap(({ kind, spec }) => {
    const { selector, podSelector } = (spec ?? {}) as Record<string, Record<string, never>>
    const labels = kind === 'Service' ? { matchLabels: selector } : (podSelector ?? selector)
    return labels ? [labels as { matchLabels: Record<string, string> }] : []
  })
  t.ok(selectors.length > 10)
  for (const selector of selectors) t.notOk(selects(selector, labels), JSON.stringify(selector))
})
