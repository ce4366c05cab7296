import t from 'tap'
import type { KubeObject } from '../../../src/kube/types.ts'
import { answer, type Seen, type Situation } from './bridges.ts'

/* What others may do with a bridge: node autoscalers read its marks, evictions ask its budget. */

const busy: Seen = { facts: { participants: 3, conferences: 1 } }

const bridgesIn = (situation: Situation): KubeObject[] =>
  answer(situation).objects.filter(({ kind }) => kind === 'Pod')

t.test('only a bridge that is known to be empty may be evicted by node autoscalers', async t => {
  const daemonset = { jvb: { strategy: { type: 'daemonset' } } }
  const cases: (Situation & { name: string; want: Record<string, string | undefined> })[] = [
    { name: 'with people', bridges: [busy], want: { safe: 'false', karpenter: 'true' } },
    { name: 'nobody on it', bridges: [{}], want: { safe: 'true' } },
    {
      name: 'a meeting of which no participant is counted',
      bridges: [{ facts: { participants: 0, conferences: 1 } }],
      want: { safe: 'false', karpenter: 'true' },
    },
    {
      name: 'no facts yet',
      bridges: [{ facts: null }],
      want: { safe: 'false', karpenter: 'true' },
    },
    {
      name: 'it does not answer, and was empty before',
      bridges: [{ facts: { reachable: false } }],
      want: { safe: 'false', karpenter: 'true' },
    },
    {
      name: 'it drains, with people',
      bridges: [{ ...busy, intent: 'drain' }],
      want: { safe: 'false', karpenter: 'true' },
    },
    {
      name: 'of a node, nobody on it: it need not find a place elsewhere',
      spec: daemonset,
      bridges: [{ pinnedTo: 'node-1' }],
      want: { safe: 'true', daemonset: 'true' },
    },
    {
      name: 'of a node, with people: no word about DaemonSets, whose Pods are ignored',
      spec: daemonset,
      bridges: [{ ...busy, pinnedTo: 'node-1' }],
      want: { safe: 'false', karpenter: 'true' },
    },
  ]
  for (const { name, want, ...situation } of cases) {
    const annotations = bridgesIn(situation)[0]?.metadata.annotations ?? {}
    const { safe, karpenter, daemonset } = want
    t.strictSame(
      {
        safe: annotations['cluster-autoscaler.kubernetes.io/safe-to-evict'],
        karpenter: annotations['karpenter.sh/do-not-disrupt'],
        daemonset: annotations['cluster-autoscaler.kubernetes.io/daemonset-pod'],
      },
      { safe, karpenter, daemonset },
      name,
    )
  }
})

t.test('a new bridge is not known to be empty', async t => {
  const made = bridgesIn({ bridges: [], desired: 1 })
  t.match(made[0]?.metadata.annotations, {
    'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  })
})

t.test('evictions leave as many bridges as are not known to be empty', async t => {
  const cases: (Situation & { name: string; want: number })[] = [
    { name: 'all with people', bridges: [busy, busy], want: 2 },
    { name: 'one idle', bridges: [busy, {}], want: 1 },
    { name: 'one that drains with people', bridges: [busy, { ...busy, intent: 'drain' }], want: 2 },
    { name: 'one of which nothing is known', bridges: [{ facts: null }, {}], want: 1 },
    {
      name: 'one that is being stopped: no eviction matters to it',
      bridges: [busy, { ...busy, graceLeft: 100 }],
      want: 1,
    },
    { name: 'none', bridges: [], desired: 0, want: 0 },
  ]
  for (const { name, want, ...situation } of cases) {
    const budget = answer(situation).objects.find(({ kind }) => kind === 'PodDisruptionBudget')
    t.match(budget, { spec: { minAvailable: want } }, name)
  }
})

t.test(
  'the grace period of a bridge is as long as its drain may last, and a minute more',
  async t => {
    const [made] = bridgesIn({
      spec: { jvb: { drain: { timeout: '20m' } } },
      bridges: [],
      desired: 1,
    })
    t.match(made, { spec: { terminationGracePeriodSeconds: 20 * 60 + 60 } })
  },
)
