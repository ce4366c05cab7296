import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { laws } from '../bridges/day.ts'
import { type Mutant, mutants } from './by-hand.ts'
import { runCompiled, withText } from './compiled.ts'

/*
 * npm run mutants:laws [-- --days 60 --seed 1 --only WORD]
 *
 * Makes each mistake of by-hand.ts, lives through days until its law is broken, and says which
 * other laws were broken until then. Every law must be the only one that notices some mistake.
 */

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '600' },
  },
})

interface Result {
  mutant: Mutant
  /** The number of the day on which its law was broken. */
  day: number | undefined
  others: string[]
}

async function look(mutant: Mutant): Promise<Result> {
  const source = await readFile(mutant.file, 'utf8')
  const parts = source.split(mutant.from)
  if (parts.length !== 2) throw new Error(`${mutant.file} has ${parts.length - 1} × ${mutant.from}`)
  const args = ['--days', values.days, '--seed', values.seed, '--first', String(mutant.first ?? 0)]
  const { output } = await withText(mutant.file, parts.join(mutant.to), () =>
    runCompiled(
      'test/bridges/days-cli.ts',
      [...args, '--looking-for', mutant.law],
      Number(values.seconds),
    ),
  )
  const broken = [...output.matchAll(/^day (\d+): ([^:]+): /gm)]
  const found = broken.find(([, , law]) => law === mutant.law)
  const others = new Set(broken.flatMap(([, , law = '']) => (law === mutant.law ? [] : [law])))
  return { mutant, day: found && Number(found[1]), others: [...others] }
}

const chosen = mutants.filter(({ name, law }) => `${name} ${law}`.includes(values.only))
const results: Result[] = []
for (const mutant of chosen) {
  const result = await look(mutant)
  results.push(result)
  const fate = result.day === undefined ? 'SURVIVED' : `killed on day ${result.day}`
  const others = result.others.map(law => `\n      also: ${law}`).join('')
  console.log(`${fate}: ${mutant.name}\n      by: ${mutant.law}${others}`)
}
const alone = new Set(
  results.flatMap(({ mutant, day, others }) =>
    day !== undefined && others.length === 0 ? [mutant.law] : [],
  ),
)
const unproven = laws.filter(({ name }) => name.includes(values.only) && !alone.has(name))
const survivors = results.filter(({ day }) => day === undefined)
console.log(`\n${results.length - survivors.length} of ${results.length} mutants killed`)
for (const { name } of unproven) console.log(`no mutant that it alone kills: ${name}`)
process.exitCode = survivors.length + unproven.length > 0 ? 1 : 0
