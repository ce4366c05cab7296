import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../../src/simulation/fleet/random.ts'
import { type Change, changed, changesOf } from './by-rule.ts'
import { runCompiled, withText } from './compiled.ts'

/*
 * npm run mutants:plan [-- --count 100 --seed 1 --only src/core/restart --seconds 540]
 *
 * Draws so many mistakes from all that by-rule.ts makes of the plan, runs the tests of each file
 * until one fails, and prints the survivors and the share of those that were noticed.
 */

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: 'src/' },
    /** Begin no other mutant after so many seconds. */
    seconds: { type: 'string', default: '3000' },
  },
})

const ofAll = ['test/golden.test.ts', 'test/laws.test.ts', 'test/bridges']

/** Source folders, and the tests that say what is expected there, the nearest first. */
const tests: Record<string, readonly string[]> = {
  'src/components/jvb': ['test/components/jvb', 'test/core', ...ofAll],
  'src/core': ['test/core', 'test/components/jvb', ...ofAll],
  'src/autoscaling': ['test/autoscaling', 'test/core/scaling.test.ts', ...ofAll],
}

async function filesIn(path: string, ending: string): Promise<string[]> {
  if (path.endsWith('.ts')) return [path]
  const names = await readdir(path)
  return names.filter(name => name.endsWith(ending)).map(name => join(path, name))
}

/** The tests of a source file: that of its own name first. */
async function testsOf(file: string): Promise<string[]> {
  const [folder = ''] = Object.keys(tests).filter(path => file.startsWith(path))
  const found = await Promise.all((tests[folder] ?? []).map(path => filesIn(path, '.test.ts')))
  const own = `${file.split('/').at(-1)?.replace('.ts', '')}.test.ts`
  const all = found.flat()
  return [...all.filter(test => test.endsWith(own)), ...all.filter(test => !test.endsWith(own))]
}

const soundness = new Map<string, boolean>()

/** A test that fails without any mistake says nothing. */
async function isSound(test: string): Promise<boolean> {
  const known = soundness.get(test)
  if (known !== undefined) return known
  const { code } = await runCompiled(test, [], 300)
  soundness.set(test, code === 0)
  if (code !== 0) console.log(`left out, since it fails by itself: ${test}`)
  return code === 0
}

/** The first test that notices the mistake. */
async function killerOf(change: Change): Promise<string | undefined> {
  const text = await readFile(change.file, 'utf8')
  for (const test of await testsOf(change.file)) {
    if (soundness.get(test) === false) continue
    const mistaken = changed(text, change)
    const { code } = await withText(change.file, mistaken, () => runCompiled(test, [], 300))
    if (code !== 0 && (await isSound(test))) return test
  }
  return undefined
}

const random = new Random(Number(values.seed))
const began = performance.now()
const sources = (await Promise.all(Object.keys(tests).map(folder => filesIn(folder, '.ts')))).flat()
const all = (
  await Promise.all(
    sources
      .filter(file => file.includes(values.only))
      .map(async file => changesOf(file, await readFile(file, 'utf8'))),
  )
).flat()
const drawn = all
  .map(change => ({ change, at: random.between(0, 1) }))
  .sort((a, b) => a.at - b.at)
  .slice(0, Number(values.count))
let tried = 0
let killed = 0
for (const { change } of drawn) {
  if (performance.now() - began > Number(values.seconds) * 1000) break
  const killer = await killerOf(change)
  tried++
  if (killer) killed++
  const { file, line, from, to } = change
  const what = `${file}:${line}: ${from.replace(/\s+/g, ' ')} → ${to.replace(/\s+/g, ' ')}`
  console.log(killer ? `killed by ${killer}: ${what}` : `SURVIVED: ${what}`)
}
console.log(
  `\n${killed} of ${tried} mutants killed (${Math.round((100 * killed) / Math.max(1, tried))} %), seed ${values.seed}, drawn from ${all.length}`,
)
