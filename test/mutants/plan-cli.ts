import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { Random } from '../../src/simulation/fleet/random.ts'
import { type Change, changed, changesOf } from './by-rule.ts'
import { runCompiled, withText } from './compiled.ts'

/*
 * npm run mutants:plan [-- --count 100 --seed 1 --only src/core/restart --seconds 540]
 *
 * Draws so many mistakes from all that by-rule.ts makes of the plan, runs the tests of each file
 * until one fails, and prints the survivors and the share of those that were noticed. --only takes
 * a part of a line as it is printed, for example 'hpa.ts:126: > → >='.
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

const folders = ['src/components/jvb', 'src/core', 'src/autoscaling']
const testFolders = [
  ...['test/components/jvb', 'test/core', 'test/autoscaling', 'test/components', 'test/bridges'],
  'test',
]

async function filesIn(path: string, ending: string): Promise<string[]> {
  const names = await readdir(path)
  return names.filter(name => name.endsWith(ending)).map(name => join(path, name))
}

/** The file, all that it imports, what these import, and so on. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  for (const { fileName } of ts.preProcessFile(ts.sys.readFile(file) ?? '').importedFiles) {
    if (fileName.startsWith('.')) loadedBy(join(dirname(file), fileName), loaded)
  }
  return loaded
}

const tests = (await Promise.all(testFolders.map(folder => filesIn(folder, '.test.ts'))))
  .flat()
  .map(test => ({ test, loaded: loadedBy(test) }))

/** What is known of a test: the seconds that it takes, and how many mistakes it has noticed. */
const worths = new Map(tests.map(({ test }) => [test, { seconds: 1, noticed: 0 }]))

/** Whole days of bridges, and thousands of requests. */
const dear = ['bridges/laws', 'bridges/troubles', 'core/scaling', 'components/jvb/scripts', 'laws']
for (const name of dear) worths.set(`test/${name}.test.ts`, { seconds: 20, noticed: 0 })

/**
 * The tests that load a source file; no other can notice. That of its own name comes first, then
 * those that notice most in a second, and among equals those of its folder.
 */
function testsOf(file: string): string[] {
  const own = file.replace('src/', 'test/').replace('.ts', '.test.ts')
  const rank = (test: string) => {
    const { seconds, noticed } = worths.get(test) ?? { seconds: 1, noticed: 0 }
    const near = dirname(test) === dirname(own) ? 1 : 0
    return test === own ? Number.MAX_VALUE : (1 + noticed + near) / seconds
  }
  return tests
    .filter(({ loaded }) => loaded.has(file))
    .map(({ test }) => test)
    .sort((a, b) => rank(b) - rank(a))
}

async function passes(test: string): Promise<boolean> {
  const began = performance.now()
  const { code } = await runCompiled(test, [], 300)
  if (code !== 0) return false
  worths.set(test, {
    noticed: worths.get(test)?.noticed ?? 0,
    seconds: (performance.now() - began) / 1000,
  })
  return true
}

/** The first test that notices the mistake; one that fails without it as well says nothing. */
async function killerOf(change: Change): Promise<string | undefined> {
  const mistaken = changed(await readFile(change.file, 'utf8'), change)
  for (const test of testsOf(change.file)) {
    if (await withText(change.file, mistaken, () => passes(test))) continue
    if (await passes(test)) {
      const worth = worths.get(test)
      if (worth) worth.noticed++
      return test
    }
    console.log(`fails by itself: ${test}`)
  }
  return undefined
}

const shown = ({ file, line, from, to }: Change) =>
  `${file}:${line}: ${from.replace(/\s+/g, ' ')} → ${to.replace(/\s+/g, ' ')}`

const random = new Random(Number(values.seed))
const began = performance.now()
const sources = (await Promise.all(folders.map(folder => filesIn(folder, '.ts')))).flat()
const all = (
  await Promise.all(sources.map(async file => changesOf(file, await readFile(file, 'utf8'))))
)
  .flat()
  .filter(change => shown(change).includes(values.only))
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
  console.log(`${killer ? `killed by ${killer}` : 'SURVIVED'}: ${shown(change)}`)
}
console.log(
  `\n${killed} of ${tried} mutants killed (${Math.round((100 * killed) / Math.max(1, tried))} %), seed ${values.seed}, drawn from ${all.length}`,
)
