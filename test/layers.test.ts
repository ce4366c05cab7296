import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

/* The layer rule of docs/architecture.md: what each folder of src may import, and what no plan may. */

const layers: Record<string, readonly string[]> = {
  api: ['kube'],
  kube: ['api'],
  settings: [],
  components: ['api', 'kube', 'settings'],
  autoscaling: ['api', 'kube', 'observer'],
  core: ['api', 'autoscaling', 'components', 'kube', 'settings'],
  observer: ['api', 'kube', 'node-http.ts'],
  service: ['node-http.ts'],
  hooks: ['api', 'autoscaling', 'core', 'kube', 'observer', 'service'],
  simulation: ['api', 'autoscaling', 'core', 'kube', 'observer'],
}

/** Time, chance, environment and network come in from outside, or the plan is not pure. */
const pure = ['api', 'kube', 'settings', 'components', 'autoscaling', 'core']
const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bfetch\(/
/** Hashing and reading an IP address do no input or output. */
const harmless = ['node:crypto', 'node:net']

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file =>
  file.endsWith('.ts'),
)

const layerOf = (file: string) => file.split('/')[0] ?? ''

/** What a file imports: files of src, and modules as they are named. */
function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8')
  return [...text.matchAll(/(?:from |import\(|import )'([^']+)'/g)].map(([, path = '']) =>
    path.startsWith('.') ? normalize(join(dirname(file), path)) : path,
  )
}

for (const [layer, allowed] of Object.entries(layers)) {
  t.test(`${layer} imports ${allowed.join(', ') || 'no other layer'}`, async t => {
    const files = sources.filter(file => layerOf(file) === layer)
    t.not(files.length, 0)
    for (const file of files) {
      const others = importsOf(file).filter(path => path.endsWith('.ts') && layerOf(path) !== layer)
      t.strictSame(
        others.filter(path => !allowed.includes(layerOf(path))),
        [],
        file,
      )
    }
  })
}

t.test('every folder of src is in the table, but for the command line', async t => {
  const folders = new Set(sources.filter(file => file.includes('/')).map(layerOf))
  t.strictSame([...folders].sort(), [...Object.keys(layers), 'cli'].sort())
})

t.test('the plan takes time, chance and the world from outside', async t => {
  for (const file of sources.filter(file => pure.includes(layerOf(file)))) {
    const modules = importsOf(file).filter(path => path.startsWith('node:'))
    t.strictSame(
      modules.filter(name => !harmless.includes(name)),
      [],
      file,
    )
    t.notMatch(readFileSync(join('src', file), 'utf8'), impure, file)
  }
})

t.test('of node:http only types are imported: src/node-http.ts says why', async t => {
  for (const file of sources) {
    t.notMatch(readFileSync(join('src', file), 'utf8'), /^import (?!type\b)[^']*'node:http'/m, file)
  }
})
