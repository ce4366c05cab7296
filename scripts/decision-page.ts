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
}

const topics: readonly Topic[] = [
  {
    title: 'Bridges',
    intro:
      'In `status.bridges[].reason`, in the annotation `apps.jit.si/intent-reason`, in the log, and in the metric `jitsi_operator_decisions_total`. `PeopleMoving`, `PeopleSettling` and `NoRoom` are the reasons of the condition `EvacuationBlocked` instead, and stand in log and metric.',
    files: /^components\/jvb\//,
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
    intro: 'Why an autoscaled fleet has the size that it has.',
    files: /^autoscaling\//,
  },
  {
    title: 'Restarts of prosody and jicofo',
    intro: 'The reason of the condition `RestartPending`, or why a restart goes ahead.',
    files: /^core\/restart\.ts$/,
  },
  {
    title: 'Problems of a spec',
    intro:
      'The reason of `ConfigurationValid`. With a fatal one nothing changes at all: see [ADR 2](adr/0002-invalid-spec-holds-everything.md).',
    files: /problems?\.ts$|^settings\//,
  },
]

/** docs/decisions.md; `root` is the folder of the repository. */
export function decisionPage(root: string): string {
  const tests = testsOf(join(root, 'test'))
  // What the model of a cluster says is no decision of ours.
  const own = filesIn(join(root, 'src')).filter(file => !file.startsWith('simulation/'))
  const sources = new Map(own.map(file => [file, sourceOf(root, file)]))
  return [
    '# Every decision and its reason',
    '',
    'Made from the source by `npm run docs`. `…` stands for what is filled in. The last column names the tests that hold the reason in their text.',
    '',
    ...topics.flatMap(topic =>
      section(
        topic,
        [...sources].flatMap(([file, source]) => (topicOf(file) === topic ? [source] : [])),
        tests,
      ),
    ),
  ].join('\n')
}

/** Conditions take what no other topic names. */
const topicOf = (file: string) =>
  topics.find(({ title, files }) => title !== 'Conditions' && files.test(file)) ??
  topics.find(({ title }) => title === 'Conditions')

function section(
  { title, intro }: Topic,
  sources: readonly ts.SourceFile[],
  tests: Map<string, string>,
) {
  const reasons = merged(sources.flatMap(reasonsIn))
  const meanings = new Map(sources.flatMap(source => [...meaningsIn(source)]))
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| reason | | sentences | tests |',
    '|---|---|---|---|',
    ...reasons.map(({ name, subject, sentences }) => {
      const about = [subject, meanings.get(name) ?? ''].filter(Boolean).join(' ')
      return `| \`${name}\` | ${cell(about)} | ${cell(sentences.join('<br>'))} | ${testsWith(name, tests)} |`
    }),
    '',
  ]
}

function sourceOf(root: string, file: string): ts.SourceFile {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .sort()

/** One row for a reason and subject, with every sentence that goes with it. */
function merged(reasons: readonly Reason[]) {
  const rows = new Map<string, { name: string; subject: string; sentences: string[] }>()
  for (const { name, subject, sentence } of reasons) {
    const key = `${subject} ${name}`
    const row = rows.get(key) ?? { name, subject, sentences: [] }
    if (sentence && !row.sentences.includes(sentence)) row.sentences.push(sentence)
    rows.set(key, row)
  }
  // Where its sentence is worked out, a reason is told once already.
  const told = new Set(
    [...rows.values()].filter(({ sentences }) => sentences.length > 0).map(({ name }) => name),
  )
  return [...rows.values()].filter(({ name, sentences }) => sentences.length > 0 || !told.has(name))
}

/** Every test file's text, by its path in `test/`. */
function testsOf(folder: string): Map<string, string> {
  const files = filesIn(folder).filter(
    file => /\.(test|cluster)\.ts$/.test(file) && file !== 'docs.test.ts',
  )
  return new Map(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]))
}

function testsWith(name: string, tests: Map<string, string>): string {
  const word = new RegExp(`\\b${name}\\b`)
  return [...tests]
    .filter(([, text]) => word.test(text))
    .map(([file]) => `[${file.replace(/\.(test|cluster)\.ts$/, '')}](../test/${file})`)
    .join(', ')
}

/** Text that does not break a table. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
