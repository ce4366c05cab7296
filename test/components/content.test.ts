import t from 'tap'
import { contentHash, referred } from '../../src/components/content.ts'
import { configMap, context, object } from '../support/fixtures.ts'

const look = { kind: 'ConfigMap' as const, name: 'look' }
const hash = (related: Parameters<typeof context>[0]) => contentHash(context(related), [look])

t.test('a reference finds the object of its kind and name', async t => {
  const all = context({ related: [configMap('look', { a: '1' }), object('Secret', 'look')] })
  t.match(referred(all, look), { kind: 'ConfigMap', data: { a: '1' } })
  t.equal(referred(all, { ...look, name: 'other' }), undefined)
})

t.test('the hash of what Pods mount', async t => {
  t.test('changes with the content', async t => {
    t.notSame(
      hash({ related: [configMap('look', { a: '1' })] }),
      hash({ related: [configMap('look', { a: '2' })] }),
    )
    t.notSame(
      hash({ related: [object('ConfigMap', 'look', { binaryData: { a: 'AQ==' } })] }),
      hash({ related: [object('ConfigMap', 'look', { binaryData: { a: 'Ag==' } })] }),
    )
  })
  t.test('does not change with labels, annotations or versions of the object', async t => {
    const labelled = configMap('look', { a: '1' })
    t.strictSame(
      hash({
        related: [{ ...labelled, metadata: { ...labelled.metadata, resourceVersion: '9' } }],
      }),
      hash({ related: [labelled] }),
    )
  })
  t.test('is not there where nothing is mounted', async t => {
    t.strictSame(contentHash(context(), []), {})
  })
})
