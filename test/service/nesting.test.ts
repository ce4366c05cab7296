import t from 'tap'
import { deepestNesting, isNestedTooDeeply } from '../../src/service/nesting.ts'

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

t.test('levels are counted, however many there are', async t => {
  t.notOk(isNestedTooDeeply(nested(deepestNesting)))
  t.ok(isNestedTooDeeply(nested(deepestNesting + 1)))
  t.ok(isNestedTooDeeply(nested(100_000)))
})

t.test('what is wide is not deep', async t => {
  t.notOk(isNestedTooDeeply(Array.from({ length: 200_000 }, () => ({}))))
  t.notOk(isNestedTooDeeply('text'))
})
