import t from 'tap'
import { canonicalJson, digest } from '../../src/kube/hash.ts'
import { isRecord } from '../../src/kube/record.ts'

t.test('a digest', async t => {
  t.test('is short, and the same each time', async t => {
    t.match(digest({ a: 1 }), /^[0-9a-f]{16}$/)
    t.equal(digest({ a: 1, b: 2 }), digest({ a: 1, b: 2 }))
  })
  t.test('does not depend on the order of keys, at any depth', async t => {
    t.equal(digest({ a: { c: 1, d: 2 }, b: [] }), digest({ b: [], a: { d: 2, c: 1 } }))
  })
  t.test('does depend on the order of lists, which means something', async t => {
    t.not(digest(['a', 'b']), digest(['b', 'a']))
  })
  t.test('does not know a missing member from an undefined one', async t => {
    t.equal(digest({ a: 1, b: undefined }), digest({ a: 1 }))
  })
  t.test('tells texts from numbers', async t => {
    t.not(digest({ a: '1' }), digest({ a: 1 }))
  })
})

t.test('canonical JSON has its keys in order', async t => {
  t.equal(canonicalJson({ b: { d: 1, c: [2] }, a: null }), '{"a":null,"b":{"c":[2],"d":1}}')
})

t.test('a record is an object with members', async t => {
  t.ok(isRecord({}))
  for (const value of [null, [], 'text', 1, undefined]) t.notOk(isRecord(value), String(value))
})
