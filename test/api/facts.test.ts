import t from 'tap'
import { coarse, parseBridgeFacts } from '../../src/api/facts.ts'
import { servingFacts } from '../support/cluster.ts'

t.test('facts are read back as they were written', async t => {
  t.strictSame(parseBridgeFacts(JSON.stringify(servingFacts)), servingFacts)
})

t.test(
  'whatever is half-read is no fact: a zero that is none would delete a bridge in use',
  async t => {
    const { participants: _, ...without } = servingFacts
    const cases = [
      { name: 'no annotation', text: undefined },
      { name: 'an empty one', text: '' },
      { name: 'one that is cut off', text: JSON.stringify(servingFacts).slice(0, -9) },
      { name: 'a figure missing', text: JSON.stringify(without) },
      { name: 'a figure as text', text: JSON.stringify({ ...servingFacts, participants: '0' }) },
      { name: 'a negative figure', text: JSON.stringify({ ...servingFacts, participants: -1 }) },
      {
        name: 'a figure that is null',
        text: JSON.stringify({ ...servingFacts, conferences: null }),
      },
      { name: 'a list', text: '[]' },
      { name: 'nothing', text: 'null' },
    ]
    for (const { name, text } of cases) t.equal(parseBridgeFacts(text), undefined, name)
  },
)

t.test('counts are exact while few, and coarse when many', async t => {
  t.strictSame([0, 1, 2, 3, 4, 5].map(coarse), [0, 1, 2, 3, 4, 5])
  t.strictSame([6, 9, 10, 33, 100, 1000].map(coarse), [6, 8, 10, 32, 96, 896])
  for (let count = 1; count < 500; count += 1) {
    const step = coarse(count)
    if (step > count || step < count * 0.75 || step < coarse(count - 1)) t.fail(`${count}: ${step}`)
  }
  t.pass('never above the count, never off by more than a quarter, never falling')
})
