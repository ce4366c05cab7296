import t from 'tap'
import { behaviorOf, behaviorProblems, defaultBehavior } from '../../src/autoscaling/behavior.ts'

t.test('is ours where the spec says nothing', async t => {
  t.strictSame(behaviorOf({}), defaultBehavior)
})

t.test('takes each field of the spec in the place of ours', async t => {
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Disabled' } }
  const { scaleUp, scaleDown } = behaviorOf({ behavior })
  t.strictSame(scaleUp, defaultBehavior.scaleUp)
  t.strictSame(scaleDown, {
    ...defaultBehavior.scaleDown,
    stabilizationWindowSeconds: 60,
    selectPolicy: 'Disabled',
  })
})

t.test('has one tolerance for both directions unless a direction has its own', async t => {
  const behavior = { scaleUp: { tolerance: '0' } }
  const { scaleUp, scaleDown } = behaviorOf({ tolerance: '0.2', behavior })
  t.equal(scaleUp.tolerance, '0')
  t.equal(scaleDown.tolerance, '0.2')
})

t.test('keeps ours and says so where the API server would refuse the rules', async t => {
  const cases = [
    { name: 'no policy', rules: { policies: [] } },
    { name: 'an unknown policy', rules: { selectPolicy: 'Sometimes' } },
    { name: 'a window of a day', rules: { stabilizationWindowSeconds: 86_400 } },
    {
      name: 'a period of an hour',
      rules: { policies: [{ type: 'Pods', value: 1, periodSeconds: 3600 }] },
    },
  ]
  for (const { name, rules } of cases) {
    for (const direction of ['scaleUp', 'scaleDown']) {
      const spec = { behavior: { [direction]: rules } }
      t.strictSame(behaviorProblems(spec), [direction], name)
      t.strictSame(behaviorOf(spec), defaultBehavior, `${name}: ours`)
    }
  }
  t.strictSame(behaviorProblems({ behavior: { scaleUp: { selectPolicy: 'Min' } } }), [])
  t.strictSame(behaviorProblems({ behavior: { scaledown: {} } }), ['scaledown'], 'no direction')
})
