import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/*
 * The reasons that the plan gives, read out of its source: they are literals there, beside the
 * sentence that people see. No list of reasons is kept by hand.
 */

/** One reason, where it is given, and its sentence with `…` for what is filled in. */
export interface Reason {
  name: string
  subject: string
  sentence: string
}

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
      'In `status.bridges[].reason`, in the annotation `apps.jit.si/intent-reason`, in the log, and in the metric `jitsi_operator_decisions_total`.',
    files: /^components\/jvb\//,
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
  return [...rows.values()]
}

/** Reasons in the order of the source: members `reason: …`, and calls with a reason and a sentence. */
export function reasonsIn(source: ts.SourceFile): Reason[] {
  const found: Reason[] = []
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'reason')
      found.push(...inObject(node))
    if (ts.isCallExpression(node)) found.push(...inCall(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function inObject(node: ts.PropertyAssignment): Reason[] {
  const name = nameOf(node.initializer)
  if (!name) return []
  const members = ts.isObjectLiteralExpression(node.parent) ? node.parent.properties : []
  const message = members.find(member => member.name?.getText() === 'message')
  const words = message && messageOf(message)
  return [{ name, subject: '', sentence: words ?? '' }]
}

/** `message: …`, or `message` alone after `const message = …`. */
function messageOf(member: ts.ObjectLiteralElementLike): string {
  if (ts.isPropertyAssignment(member)) return textOf(member.initializer)
  const declared = /const message = ('[^']*')/.exec(member.getSourceFile().text)?.[1]
  return declared?.slice(1, -1) ?? ''
}

/** A call with a reason and a sentence; `yes` and `no` take the type of a condition before them. */
function inCall(call: ts.CallExpression): Reason[] {
  const called = call.expression.getText()
  const judged = called === 'yes' || called === 'no'
  const args = judged ? call.arguments.slice(1) : [...call.arguments]
  const at = args.findIndex((arg, index) => nameOf(arg) && isText(args[index + 1]))
  const [reason, words] = args.slice(at < 0 ? args.length : at)
  const name = reason && nameOf(reason)
  if (!name || !words) return []
  const [type] = call.arguments
  const subject = judged && type ? `\`${plain(type)}\` ${statusOf(call)}` : ''
  return [{ name, subject, sentence: textOf(words) }]
}

/** The status of a judgement; `{ ...no(…), status: 'Unknown' }` says another one than the call. */
function statusOf(call: ts.CallExpression): string {
  const spread = call.parent
  if (ts.isSpreadAssignment(spread) && ts.isObjectLiteralExpression(spread.parent)) {
    const status = spread.parent.properties.find(member => member.name?.getText() === 'status')
    if (status && ts.isPropertyAssignment(status)) return plain(status.initializer)
  }
  return call.expression.getText() === 'yes' ? 'True' : 'False'
}

/** A reason: a CamelCase literal, or a member of the table of reasons. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node)) {
    return /^[A-Z][A-Za-z0-9]+$/.test(node.text) ? node.text : undefined
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined
  return ['why', 'bridgeReason'].includes(node.expression.getText()) ? node.name.text : undefined
}

const plain = (node: ts.Node) => (ts.isStringLiteral(node) ? node.text : node.getText())

const isText = (node: ts.Node | undefined): boolean =>
  node !== undefined &&
  ((ts.isStringLiteral(node) && node.text.includes(' ')) ||
    ts.isTemplateExpression(node) ||
    ts.isNoSubstitutionTemplateLiteral(node) ||
    ts.isConditionalExpression(node) ||
    (ts.isIdentifier(node) && node.text === 'message') ||
    ts.isPropertyAccessExpression(node))

/** A sentence as people see it, `…` for what is filled in; nothing for what is worked out elsewhere. */
function textOf(node: ts.Node): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return ''
  return node.templateSpans.reduce((text, { literal }) => `${text}…${literal.text}`, node.head.text)
}

/** What a table of reasons says about each in its comment. */
function meaningsIn(source: ts.SourceFile): Map<string, string> {
  const meanings = new Map<string, string>()
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.initializer)) {
      const [comment] = ts.getJSDocCommentsAndTags(node)
      const words = comment && ts.isJSDoc(comment) ? comment.comment : undefined
      if (typeof words === 'string' && node.name.getText() === node.initializer.text) {
        meanings.set(node.initializer.text, words.replace(/\s+/g, ' '))
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return meanings
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
