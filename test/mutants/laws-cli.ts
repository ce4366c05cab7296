import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { laws } from '../bridges/day.ts'
import { type Mutant, mutants } from './by-hand.ts'
import { runCompiled, withText } from './compiled.ts'

/*
 * npm run mutants:laws [-- --only WORD]
 *
 * Makes each mistake of by-hand.ts, lives through its day until the law is broken, and says which
 * other laws were broken until then. Without the mistake, no law may be broken on that day; and
 * every law must be the only one that notices some mistake.
 */

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })

/** Laws that were broken, each with what it was broken by. */
async function liveDayOf(number: number): Promise<Map<string, string>> {
  const { output, code } = await runCompiled('test/mutants/one-day-cli.ts', [String(number)], 900)
  if (code !== 0) throw new Error(`day ${number} ended with ${code}: ${output}`)
  return new Map(JSON.parse(output) as [string, string][])
}

async function mutated({ file, from, to }: Mutant): Promise<string> {
  const parts = (await readFile(file, 'utf8')).split(from)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} × ${from}`)
  return parts.join(to)
}

const alone = new Set<string>()
let tried = 0
let killed = 0
for (const [number, mutant] of mutants.entries()) {
  if (!`${mutant.name} ${mutant.law}`.includes(values.only)) continue
  tried++
  const without = await liveDayOf(number)
  const broken = await withText(mutant.file, await mutated(mutant), () => liveDayOf(number))
  const others = [...broken.keys()].filter(law => law !== mutant.law)
  const isKilled = broken.has(mutant.law) && without.size === 0
  if (isKilled) killed++
  if (isKilled && others.length === 0) alone.add(mutant.law)
  console.log(`${isKilled ? 'killed' : 'SURVIVED'}: ${mutant.name}`)
  console.log(`    by: ${mutant.law}: ${broken.get(mutant.law)}`)
  for (const law of others) console.log(`    also: ${law}`)
  for (const [law, what] of without) console.log(`    BROKEN WITHOUT IT: ${law}: ${what}`)
}
const unproven = laws.filter(({ name }) => name.includes(values.only) && !alone.has(name))
for (const { name } of unproven) console.log(`no mutant that it alone kills: ${name}`)
console.log(`\n${killed} of ${tried} mutants killed, ${alone.size} of ${laws.length} laws alone`)
process.exitCode = killed < tried || unproven.length > 0 ? 1 : 0
