import t from 'tap'
import type { NodeFacts } from '../../../src/api/facts.ts'
import { bridgesOf } from '../../../src/components/jvb/bridge.ts'
import { regionAnnotation } from '../../../src/components/jvb/region.ts'
import { bridgeTemplate } from '../../../src/components/jvb/template.ts'
import { annotation } from '../../../src/kube/annotations.ts'
import { context } from '../rendered.ts'
import { bridgePod } from './bridges.ts'

const spec = (regionFrom?: string, exposure = 'HostPort') => ({
  region: 'home',
  jvb: { exposure: { type: exposure }, ...(regionFrom ? { regionFrom } : {}) },
})

/** A bridge on a node with these labels of topology, or one that is not placed yet. */
const bridge = (node: Partial<NodeFacts> | null, written: Record<string, string> = {}) => {
  const pod = bridgePod({ ...(node ? { nodeFacts: node } : { node: null }) })
  const { metadata } = pod
  const annotations = { ...metadata.annotations, ...written }
  const marked = { ...pod, metadata: { ...metadata, namespace: 'school', annotations } }
  const [found] = bridgesOf(context(spec(), { children: [marked] }))
  if (!found) throw new Error('no bridge')
  return found
}

t.test('a bridge is told its region once it is known where it is', async t => {
  const node = { region: 'eu', zone: 'eu-1' }
  const cases = [
    { name: 'one region for all', from: undefined, node, want: undefined },
    { name: 'the region of its node', from: 'nodeRegion', node, want: 'eu' },
    { name: 'the zone of its node', from: 'nodeZone', node, want: 'eu-1' },
    { name: 'a node without the label', from: 'nodeZone', node: { region: 'eu' }, want: 'home' },
    { name: 'not placed yet', from: 'nodeRegion', node: null, want: undefined },
  ]
  for (const { name, from, node, want } of cases) {
    const written = regionAnnotation(context(spec(from)), bridge(node))
    t.equal(written[annotation.region], want, name)
  }
})

t.test('it is told once: it reads it at start', async t => {
  const moved = bridge({ region: 'us' }, { [annotation.region]: 'eu' })
  t.strictSame(regionAnnotation(context(spec('nodeRegion')), moved), {})
})

t.test('a bridge starts when all that it has to know is there', async t => {
  const cases = [
    { from: undefined, exposure: 'HostPort', want: ['advertise'] },
    { from: 'nodeRegion', exposure: 'HostPort', want: ['advertise', 'region'] },
    { from: 'nodeRegion', exposure: 'None', want: ['region'] },
    { from: undefined, exposure: 'None', want: [] },
  ]
  for (const { from, exposure, want } of cases) {
    const made = { index: 0, port: 10000, pinnedTo: undefined, portsRefused: [] }
    const { spec: pod } = bridgeTemplate(context(spec(from, exposure)), made)
    const script = pod?.initContainers?.[0]?.command?.[2] ?? ''
    const files = [...script.matchAll(/-s \S+\/(\S+) /g)].map(([, file]) => file)
    t.strictSame(files, want, `${from} ${exposure}`)
    const setting = pod?.containers[0]?.env?.find(({ name }) => name === 'JVB_OCTO_REGION')
    t.match(
      setting,
      from
        ? { valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${annotation.region}']` } } }
        : { value: 'home' },
    )
  }
})
