import t from 'tap'
import { objectLabels, selectorLabels, selectorText } from '../../src/kube/labels.ts'

t.test('objects carry the labels of the first operator, by which people find them', async t => {
  t.strictSame(objectLabels('meet', 'web'), {
    'app.kubernetes.io/name': 'jitsi',
    'app.kubernetes.io/instance': 'meet',
    'app.kubernetes.io/component': 'web',
    'app.kubernetes.io/part-of': 'jitsi',
    'app.kubernetes.io/managed-by': 'jitsi-operator',
  })
})

t.test('selectors are made of labels that never change', async t => {
  t.match(objectLabels('meet', 'web'), selectorLabels('meet', 'web'))
  t.notOk('app.kubernetes.io/managed-by' in selectorLabels('meet', 'web'))
})

t.test('a selector in one line is sorted, so that it is always the same', async t => {
  t.equal(selectorText({ b: '2', a: '1' }), 'a=1,b=2')
})
