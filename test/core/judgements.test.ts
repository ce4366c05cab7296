import t from 'tap'
import { planned } from '../components/rendered.ts'

/** The sentence of ConfigurationValid for so many settings that no image knows. */
function sentence(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `QQ_${index}_QQ`)
  const { status } = planned({
    variables: Object.fromEntries(names.map(name => [name, '1'])),
  }).response
  const conditions = status.conditions as { type: string; message: string }[]
  return conditions.find(({ type }) => type === 'ConfigurationValid')?.message ?? ''
}

const named = (text: string) => new Set(text.match(/QQ_\d_QQ/g)).size

t.test('five mistakes are told, the others counted', async t => {
  const cases = [
    { mistakes: 1, told: 1, rest: undefined },
    { mistakes: 5, told: 5, rest: undefined },
    { mistakes: 7, told: 5, rest: '(and 2 more)' },
  ]
  for (const { mistakes, told, rest } of cases) {
    const text = sentence(mistakes)
    t.equal(named(text), told, `${mistakes} mistakes`)
    t.equal(text.match(/\(and \d+ more\)$/)?.[0], rest)
  }
})
