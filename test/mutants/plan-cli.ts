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

interface Test {
  path: string
  /** No mistake in another file can make a difference to it. */
  loaded: Set<string>
  /** What it took last, and how many mistakes it has noticed. */
  seconds: number
  noticed: number
}

/** Whole days of bridges, and thousands of requests: these come last until more is known. */
const dear = ['bridges/laws', 'bridges/troubles', 'core/scaling', 'components/jvb/scripts', 'laws']

const tests: Test[] = (await Promise.all(testFolders.map(folder => filesIn(folder, '.test.ts'))))
  .flat()
  .map(path => ({
    path,
    loaded: loadedBy(path),
    seconds: dear.some(name => path === `test/${name}.test.ts`) ? 20 : 1,
    noticed: 0,
  }))

/**
 * The tests of a source file. That of its own name comes first, then those that notice most in a
 * second, and among equals those of its folder.
 */
function testsOf(file: string): Test[] {
  const own = file.replace('src/', 'test/').replace('.ts', '.test.ts')
  const rank = ({ path, noticed, seconds }: Test) => {
    const near = dirname(path) === dirname(own) ? 1 : 0
    return path === own ? Number.MAX_VALUE : (1 + noticed + near) / seconds
  }
  return tests.filter(({ loaded }) => loaded.has(file)).sort((a, b) => rank(b) - rank(a))
}

async function passes(test: Test): Promise<boolean> {
  const began = performance.now()
  const { code } = await runCompiled(test.path, [], 300)
  if (code === 0) test.seconds = (performance.now() - began) / 1000
  return code === 0
}

/** The first test that notices the mistake; one that fails without it as well says nothing. */
async function killerOf(change: Change): Promise<string | undefined> {
  const mistaken = changed(await readFile(change.file, 'utf8'), change)
  for (const test of testsOf(change.file)) {
    if (await withText(change.file, mistaken, () => passes(test))) continue
    if (await passes(test)) {
      test.noticed++
      return test.path
    }
    console.log(`fails by itself: ${test.path}`)
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
