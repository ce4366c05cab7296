import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { meaningsIn, type Reason, reasonsIn } from './decision-reasons.ts'

/*
 * The reasons that the plan gives, read out of its source: they are literals there, beside the
 * sentence that people see. No list of reasons is kept by hand.
 */

interface Topic {
  title: string
  intro: string
  /** Source files that speak of it; a file belongs to the first topic that names it. */
  files: RegExp
  /** The condition, where it does not stand beside its reasons. */
  condition?: (reason: Reason) => string
}

const topics: readonly Topic[] = [
  {
    title: 'Bridges',
    intro:
      'In `status.bridges[].reason`, in the annotation `apps.jit.si/intent-reason`, in the log, and in the metric `jitsi_operator_decisions_total`. Only in log and metric: `AllBridgesUnjoined`, and what has a condition here and stands there too.',
    files: /^components\/jvb\/|^core\/reconcile\.ts$/,
  },
  {
    title: 'Recorders',
    intro: 'In the log and in `jitsi_operator_decisions_total`.',
    files: /^components\/jibri\/(pool|decisions)\.ts$/,
  },
  {
    title: 'Conditions',
    intro: 'In `status.conditions`: type, status, and reason.',
    files: /./,
  },
  {
    title: 'Number of bridges',
    intro:
      'Why an autoscaled fleet has the size that it has: the reason of the condition `Autoscaling`. Where the autoscaler of Kubernetes has no figures, its own reason stands for `NoMetric`.',
    files: /^autoscaling\/|^core\/autoscaler-judgement\.ts$/,
    condition: ({ name }) => `\`Autoscaling\` ${name === 'TooManyReplicas' ? 'False' : 'True'}`,
  },
  {
    title: 'Restarts of prosody and jicofo',
    intro: 'The reason of the condition `RestartPending`, or why a restart goes ahead.',
    files: /^core\/restart\.ts$/,
    condition: ({ via }) => (via === 'open' ? 'It goes ahead.' : '`RestartPending` True'),
  },
  {
    title: 'Problems of a spec',
    intro:
      'The reason of `ConfigurationValid`, and of `Ready` too while nothing can be made because of it. With a fatal one nothing changes at all: see [ADR 2](adr/0002-invalid-spec-holds-everything.md).',
    files: /problems?\.ts$|^settings\/|^components\/secrets\.ts$/,
    condition: () => '`ConfigurationValid` False',
  },
]

/** docs/decisions.md; `root` is the folder of the repository. */
export function decisionPage(root: string): string {
  const tests = testFiles(join(root, 'test'))
  // What the model of a cluster says is no decision of ours.
  const own = filesIn(join(root, 'src')).filter(file => !file.startsWith('simulation/'))
  const sources = new Map(own.map(file => [file, sourceOf(join(root, 'src'), file)]))
  return [
    '# Every decision and its reason',
    '',
    'Made from the source by `npm run docs`. `…` stands for what is filled in. The last column names the tests that expect the reason, and the condition with it.',
    '',
    ...topics.flatMap(topic =>
      section(
        topic,
        [...sources].flatMap(([file, source]) => (topicOf(file) === topic ? [source] : [])),
        { all: [...sources.values()], tests },
      ),
    ),
  ].join('\n')
}

/** Conditions take what no other topic names. */
const topicOf = (file: string) =>
  topics.find(({ title, files }) => title !== 'Conditions' && files.test(file)) ??
  topics.find(({ title }) => title === 'Conditions')

function section(
  { title, intro, condition }: Topic,
  sources: readonly ts.SourceFile[],
  { all, tests }: { all: readonly ts.SourceFile[]; tests: readonly TestFile[] },
) {
  const reasons = sources
    .flatMap(source => reasonsIn(source, all))
    .map(reason => ({ ...reason, condition: reason.condition || (condition?.(reason) ?? '') }))
  const meanings = new Map(sources.flatMap(source => [...meaningsIn(source)]))
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| reason | condition, or meaning | sentences | tests |',
    '|---|---|---|---|',
    ...merged(reasons).map(row => {
      const about = [row.condition, meanings.get(row.name) ?? ''].filter(Boolean).join(' ')
      // Who tests the judgement itself need not name the condition that is made of it.
      const shown = testsOf(row.name, condition ? '' : row.condition, tests)
      return `| \`${row.name}\` | ${cell(about)} | ${cell(row.sentences.join('<br>'))} | ${shown} |`
    }),
    '',
  ]
}

function sourceOf(folder: string, file: string): ts.SourceFile {
  const text = readFileSync(join(folder, file), 'utf8')
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .sort()

/** One row for a reason and condition, with every sentence that goes with it. */
function merged(reasons: readonly Reason[]) {
  const rows = new Map<string, Pick<Reason, 'name' | 'condition'> & { sentences: string[] }>()
  for (const { name, condition, sentence } of reasons) {
    const key = `${condition} ${name}`
    const row = rows.get(key) ?? { name, condition, sentences: [] }
    if (sentence && !row.sentences.includes(sentence)) row.sentences.push(sentence)
    rows.set(key, row)
  }
  // Where its sentence is worked out, a reason is told once already.
  const told = new Set(
    [...rows.values()].filter(({ sentences }) => sentences.length > 0).map(({ name }) => name),
  )
  return [...rows.values()].filter(({ name, sentences }) => sentences.length > 0 || !told.has(name))
}

interface TestFile {
  /** Its path in `test/`. */
  file: string
  text: string
  /** All texts in it: what it expects stands in quotes, and never a comment. */
  quoted: string
}

function testFiles(folder: string): TestFile[] {
  return filesIn(folder)
    .filter(file => /\.(test|cluster)\.ts$/.test(file) && file !== 'docs.test.ts')
    .map(file => {
      const source = sourceOf(folder, file)
      return { file, text: source.text, quoted: quotedIn(source).join('\n') }
    })
}

function quotedIn(node: ts.Node): string[] {
  const { FirstLiteralToken, LastTemplateToken } = ts.SyntaxKind
  if (FirstLiteralToken <= node.kind && node.kind <= LastTemplateToken) return [node.getText()]
  const found: string[] = []
  ts.forEachChild(node, child => {
    found.push(...quotedIn(child))
  })
  return found
}

/** The tests that expect a reason and, if it is one of a condition, name the type of that too. */
function testsOf(name: string, condition: string, tests: readonly TestFile[]): string {
  const [, type = ''] = /^`(\w+)`/.exec(condition) ?? []
  const names = (word: string) => new RegExp(`\\b${word}\\b`)
  return tests
    .filter(({ text, quoted }) => names(name).test(quoted) && names(type).test(text))
    .map(({ file }) => `[${file.replace(/\.(test|cluster)\.ts$/, '')}](../test/${file})`)
    .join(', ')
}

/** Text that does not break a table. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
