import t from 'tap'
import { budget } from '../../src/components/budget.ts'
import { context } from '../support/fixtures.ts'

t.test('a budget says a number: a share would be taken of the Jitsi’s own scale', async t => {
  t.match(budget(context(), 'jvb', 3), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'meet-jvb', namespace: 'school' },
    spec: {
      minAvailable: 3,
      selector: { matchLabels: { 'app.kubernetes.io/component': 'jvb' } },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  })
})

t.test('a budget selects by labels that stay: one by a label that flips goes stale', async t => {
  const { spec } = budget(context(), 'jvb', 0)
  t.strictSame(Object.keys((spec as { selector: { matchLabels: object } }).selector.matchLabels), [
    'app.kubernetes.io/name',
    'app.kubernetes.io/instance',
    'app.kubernetes.io/component',
  ])
})
