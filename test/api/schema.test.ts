import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { Duration, QuantityMap, StringEnum, StringMap, secondsOf } from '../../src/api/schema.ts'

t.test('a length of time in seconds', async t => {
  const cases: [string, number][] = [
    ['90s', 90],
    ['45m', 2700],
    ['1h30m', 5400],
    ['7d', 604_800],
    ['0s', 0],
    ['1d1h1m1s', 90_061],
    ['soon', 0],
    ['', 0],
  ]
  for (const [text, seconds] of cases) t.equal(secondsOf(text), seconds, text)
})

t.test('a value is checked as the API server would', async t => {
  const cases = [
    {
      name: 'a duration',
      schema: Duration(),
      good: ['45m', '1h30m'],
      bad: ['45', 'm', '', '1.5h'],
    },
    { name: 'a word of a few', schema: StringEnum(['a', 'b']), good: ['a'], bad: ['c', '', 1] },
    {
      name: 'quantities',
      schema: QuantityMap(),
      good: [{ cpu: 2 }, { cpu: '500m', memory: '1.5Gi' }, {}],
      bad: [{ cpu: 'two' }, { cpu: '1 Gi' }, { cpu: null }, { 'c\npu': 'two' }, ''],
    },
    {
      name: 'texts',
      schema: StringMap(),
      good: [{ team: 'av' }, { 'two\nlines': '' }, {}],
      bad: [{ team: 1 }, { 'two\nlines': { a: 1 } }, ''],
    },
  ]
  for (const { name, schema, good, bad } of cases) {
    t.test(name, async t => {
      for (const value of good) t.ok(Value.Check(schema, value), JSON.stringify(value))
      for (const value of bad) t.notOk(Value.Check(schema, value), JSON.stringify(value))
    })
  }
})
