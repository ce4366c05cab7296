import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { loadAll } from 'js-yaml'
import t from 'tap'
import { jitsiSchemas, type Schema } from '../scripts/api-reference.ts'
import { nodeSize, podSize } from '../scripts/bench/sizes.ts'
import { oldPages } from '../scripts/generate-docs.ts'
import { Settings } from '../src/config.ts'
import { table } from '../src/simulation/table.ts'
import { arrows } from './bridges/life-of-a-bridge.ts'

/*
 * What README and docs name has to exist: files, commands, fields, headings. A page that names what
 * is gone is worse than no page.
 */

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'charts/jitsi-operator/README.md',
  'examples/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join('docs', file))
    .sort(),
]
const texts = new Map(pages.map(page => [page, readFileSync(page, 'utf8')]))
const written = [...texts].filter(([page]) => !/docs\/(api|decisions)\.md$/.test(page))

/** Every match of a pattern's first group, with the page that it is on. */
function found(pattern: RegExp, inPages = written): { page: string; text: string }[] {
  return inPages.flatMap(([page, text]) =>
    [...text.matchAll(pattern)].map(([, group = '']) => ({ page, text: group })),
  )
}

const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

t.test('every link leads to a file, and every anchor to a heading', async t => {
  const prose = [...texts].map(([page, text]): [string, string] => [
    page,
    text.replace(/`[^`\n]+`/g, ''),
  ])
  const links = found(/\]\((?!https?:)([^)\s]+)\)/g, prose)
  t.not(links.length, 0)
  for (const { page, text } of links) {
    const [path = '', anchor] = text.split('#')
    const target = path === '' ? page : normalize(join(dirname(page), path))
    if (!existsSync(target)) t.fail(`${page} links to ${text}`)
    else if (anchor)
      t.ok(anchors(readFileSync(target, 'utf8')).includes(anchor), `${page}: ${text}`)
    else t.pass(text)
  }
})

const folders = 'src|test|docs|scripts|examples|metacontroller|charts'

t.test('every path of the repository that is named exists', async t => {
  const paths = found(new RegExp(`(?<![\\w/.-])((?:${folders})/[\\w./-]*\\w/?)`, 'g'))
  t.not(paths.length, 0)
  for (const { page, text } of paths) t.ok(existsSync(text), `${page}: ${text}`)
})

t.test('every npm script that is named is in package.json', async t => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = found(/(?:^|[`&] *)npm (?:run (?:--silent )?)?([a-z][\w:-]*)/gm)
  t.not(named.length, 0)
  const own = ['audit', 'ci', 'link', 'install']
  for (const { page, text } of named) {
    t.ok(own.includes(text) || text in scripts, `${page}: npm ${text}`)
  }
})

t.test('every command of jitsi-operator that is named exists', async t => {
  const program = readFileSync('src/cli/program.ts', 'utf8')
  const commands = [...program.matchAll(/\.command\('([a-z]+)/g)].map(([, name]) => name)
  const named = found(/(?:^|`)jitsi-operator ([a-z]+)\b/gm)
  t.not(named.length, 0)
  for (const { page, text } of named) t.ok(commands.includes(text), `${page}: ${text}`)
})

t.test('every environment variable of the service that is named is one that it reads', async t => {
  const named = found(/`(TLS_[A-Z_]+|TOKEN_FILE|BODY_LIMIT|LOG_LEVEL|RELOAD_SECONDS)`/g)
  for (const { page, text } of named) t.ok(text in Settings.properties, `${page}: ${text}`)
})

const { spec, status } = jitsiSchemas()

/** Is there such a field? Below a Kubernetes type anything may be. */
function exists(schema: Schema | undefined, names: readonly string[]): boolean {
  const [name, ...rest] = names
  if (schema === undefined) return false
  if (name === undefined || schema['x-kubernetes-preserve-unknown-fields']) return true
  const inside = schema.items ?? schema
  return exists(inside.properties?.[name] ?? inside.additionalProperties, rest)
}

t.test('every field of a Jitsi that is named is in the schema', async t => {
  const named = found(/(?<![\w/-])((?:spec|status)(?:\.(?!ts\b)[a-zA-Z]+)+)/g, [...texts])
  t.not(named.length, 0)
  for (const { page, text } of named) {
    const [root, ...names] = text.split('.')
    t.ok(exists(root === 'spec' ? spec : status, names), `${page}: ${text}`)
  }
})

t.test('every Jitsi that is shown has fields that exist', async t => {
  const blocks = found(/```yaml\n([\s\S]*?)```/g)
  t.not(blocks.length, 0)
  for (const { page, text } of blocks) {
    const jitsis = (loadAll(text) as { kind?: string; spec?: Record<string, unknown> }[]).filter(
      ({ kind, spec }) => spec && (kind === undefined || kind === 'Jitsi'),
    )
    const unknown = jitsis.flatMap(jitsi => unknownFields(jitsi.spec, spec, 'spec'))
    t.strictSame(unknown, [], page)
  }
})

function unknownFields(value: unknown, schema: Schema, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(member => unknownFields(member, schema.items ?? {}, path))
  }
  if (typeof value !== 'object' || value === null || !schema.properties) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = schema.properties?.[name]
    if (inner) return unknownFields(member, inner, `${path}.${name}`)
    return schema['x-kubernetes-preserve-unknown-fields'] ? [] : [`${path}.${name}`]
  })
}

t.test('every page about a topic shows a complete Jitsi, or names an example', async t => {
  const others = /^docs\/(adr\/.*|api|architecture|decisions|performance|security)\.md$/
  const topics = written.filter(([page]) => page.startsWith('docs/') && !others.test(page))
  t.not(topics.length, 0)
  for (const [page, text] of topics) {
    t.match(text, /^kind: Jitsi$|examples\/[\w/-]+\.yaml/m, page)
  }
})

t.test('every field of a Jitsi says what it is for', async t => {
  t.strictSame([...undescribed(spec, 'spec'), ...undescribed(status, 'status')], [])
})

function undescribed(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
    ...(member.description ? [] : [`${path}.${name}`]),
    ...undescribed(member.items ?? member, `${path}.${name}`),
  ])
}

t.test('every example is a Jitsi and is spoken of by a comment', async t => {
  for (const file of readdirSync('examples').filter(name => name.endsWith('.yaml'))) {
    const text = readFileSync(join('examples', file), 'utf8')
    t.match(text, /^# \S/, `${file} says whom it is for`)
    const jitsi = (loadAll(text) as { kind: string; spec: unknown }[]).find(
      ({ kind }) => kind === 'Jitsi',
    )
    t.ok(jitsi, `${file} has a Jitsi`)
    t.strictSame(unknownFields(jitsi?.spec, spec, 'spec'), [], file)
  }
})

t.test('the first Jitsi of the README is examples/minimal.yaml', async t => {
  const example = loadAll(readFileSync('examples/minimal.yaml', 'utf8'))
  const shown = found(/```yaml\n([\s\S]*?)```/g).filter(({ page }) => page === 'README.md')
  t.strictSame(
    shown.map(({ text }) => loadAll(text)),
    [example],
  )
})

t.test('the states of a bridge that the diagram shows are those of the code', async t => {
  const source = readFileSync('src/components/jvb/state.ts', 'utf8')
  const declared = /export type BridgeState =([\s\S]*?)\n\n/.exec(source)?.[1] ?? ''
  const states = [...declared.matchAll(/'(\w+)'/g)].map(([, name]) => name)
  const names = new Set([...arrows].flatMap(arrow => arrow.split(' ')))
  names.delete('[*]')
  t.strictSame([...names].sort(), states.sort())
})

t.test('a bridge is as large in a request as it is told, and a Node', async t => {
  const told = (file: string, words: RegExp) =>
    Number(words.exec(readFileSync(file, 'utf8'))?.[1] ?? t.fail(`${file}: ${words}`))
  const kilobytes = (bytes: number) => Math.round(bytes / 1000)
  const pod = kilobytes(podSize({ bridges: 10, strategy: 'static' }).whole)
  const lean = kilobytes(podSize({ bridges: 10, strategy: 'static', lean: true }).whole)
  t.equal(told('docs/performance.md', /its Pod is about (\d+) KB/), pod)
  t.equal(told('docs/bridges.md', /its bridge's Pod \((\d+) kB\)/), pod)
  t.equal(told('src/service/limits.ts', /a bridge's Pod is about (\d+) KB/), pod)
  t.equal(told('scripts/bench/fleet.ts', /instead of (\d+) KB a Pod/), pod)
  t.equal(told('scripts/bench/fleet.ts', /: (\d+) instead of/), lean)
  t.equal(told('docs/bridges.md', /\((\d+) kB in the measurement/), kilobytes(nodeSize().whole))
})

t.test('generated pages say what the source says; npm run docs writes them', async t => {
  t.strictSame(oldPages(process.cwd()), [])
})

t.test('every decision has its meaning, its sentence and a test that names it', async t => {
  const rows = (texts.get('docs/decisions.md') ?? '').split('\n').filter(line => /^\| `/.test(line))
  t.ok(rows.length > 85)
  for (const row of rows) {
    const [, reason = '', about = '', sentence = '', tests = ''] = row.split(/(?<!\\)\|/)
    t.ok(about.trim(), `${reason} has a condition or a meaning`)
    t.ok(sentence.trim() || /\. *$/.test(about.trim()), `${reason} has a sentence`)
    t.match(tests, '](../test/', `${reason} has a test`)
  }
})

t.test('every reason of a condition has its type and status', async t => {
  const sections = (texts.get('docs/decisions.md') ?? '').split(/^## /m)
  const conditions = sections.find(section => section.startsWith('Conditions\n')) ?? ''
  const rows = conditions.split('\n').filter(line => /^\| `/.test(line))
  t.not(rows.length, 0)
  for (const row of rows) t.match(row, /^\| `\w+` \| `\w+` (True|False|Unknown) \|/)
})

t.test('every threat has beside it what shows that it is answered', async t => {
  const tables = (texts.get('docs/security.md') ?? '').matchAll(
    /^\| .* \| shown by \|\n\|[-|]+\|\n((?:\|.*\n)+)/gm,
  )
  const rows = [...tables].flatMap(([, body = '']) => body.trim().split('\n'))
  t.ok(rows.length > 15)
  for (const row of rows) t.match(row, /\| [^|]*\]\(\.\.\/test\/[^|]* \|$/)
})

t.test('every page that says what the product does names the tests that show it', async t => {
  const generated = ['docs/api.md', 'docs/decisions.md']
  const told = pages.filter(page => /^docs\/[a-z-]+\.md$/.test(page) && !generated.includes(page))
  for (const page of told.filter(page => page !== 'docs/architecture.md')) {
    t.match(texts.get(page), /test\/[\w/-]+\.(test|cluster)\.ts/, page)
  }
})

t.test('the table of simulated days has the columns that simulate prints', async t => {
  const cells = (line = '') => line.split(' | ').map(cell => cell.replace(/^\| | \|$/g, ''))
  const printed = cells(table('day', []).split('\n')[2])
  const [, line] = /^(\| day \| policy .*)$/m.exec(texts.get('docs/autoscaling.md') ?? '') ?? []
  t.strictSame(cells(line), ['day', ...printed.filter(head => head !== 'refused')])
})
