import t from 'tap'
import { keyOf, observedOf, relatedOf } from '../../src/kube/observed.ts'
import { object, objectMap } from '../support/fixtures.ts'

const children = objectMap([
  object('Pod', 'b'),
  object('Pod', 'a'),
  object('Deployment', 'meet-web'),
  object('Service', 'meet-web'),
  object('Secret', 'meet'),
])

t.test('children are found by kind and name', async t => {
  const observed = observedOf(children, undefined)
  t.strictSame([...observed.deployments.keys()], ['meet-web'])
  t.strictSame([...observed.services.keys()], ['meet-web'])
  t.strictSame([...observed.secrets.keys()], ['meet'])
  t.equal(observed.all.length, 5)
  t.strictSame(observed.related, [])
})

t.test('Pods come by name, whatever the order of the request', async t => {
  const names = observedOf(children, undefined).pods.map(({ metadata }) => metadata.name)
  t.strictSame(names, ['a', 'b'])
})

t.test('an object that a request has twice is there once, as what it is', async t => {
  const twice = { ...children, odd: { x: object('Pod', 'a'), y: object('Secret', 'meet') } }
  const { all, pods, secrets } = observedOf(twice, undefined)
  t.equal(all.length, 5)
  t.equal(pods.length, 2)
  t.strictSame([...secrets.keys()], ['meet'])
})

t.test('related objects are no children', async t => {
  const related = objectMap([object('Pod', 'jicofo'), object('ConfigMap', 'look')])
  const observed = observedOf({}, related)
  t.strictSame(observed.pods, [])
  t.strictSame(
    relatedOf(observed, 'Pod').map(({ metadata }) => metadata.name),
    ['jicofo'],
  )
})

t.test('a key tells apart the kinds and groups of one name', async t => {
  t.not(keyOf(object('Service', 'a')), keyOf(object('Pod', 'a')))
  t.not(
    keyOf(object('Ingress', 'a')),
    keyOf({ ...object('Ingress', 'a'), apiVersion: 'networking.k8s.io/v1' }),
  )
})
