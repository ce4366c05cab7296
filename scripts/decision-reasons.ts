import ts from 'typescript'

/** One reason, where it is given, and its sentence with `…` for what is filled in. */
export interface Reason {
  name: string
  subject: string
  sentence: string
}

/**
 * Reasons in the order of the source: members `reason: …`, calls with a reason and a sentence,
 * sentences that depend on the reason, and those of the table `because`.
 */
export function reasonsIn(source: ts.SourceFile): Reason[] {
  const found: Reason[] = []
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'reason')
      found.push(...inObject(node))
    if (ts.isCallExpression(node)) found.push(...inCall(node))
    if (ts.isIfStatement(node)) found.push(...inBranch(node))
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'because')
      found.push(...inTable(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** `if (reason === 'AboveMaximum') return …` */
function inBranch({ expression, thenStatement }: ts.IfStatement): Reason[] {
  if (!ts.isBinaryExpression(expression) || expression.left.getText() !== 'reason') return []
  const name = nameOf(expression.right)
  const words = ts.isReturnStatement(thenStatement) && thenStatement.expression
  return name && words && isText(words) ? [{ name, subject: '', sentence: textOf(words) }] : []
}

function inTable({ initializer }: ts.VariableDeclaration): Reason[] {
  if (!initializer || !ts.isObjectLiteralExpression(initializer)) return []
  return initializer.properties.flatMap(member =>
    ts.isPropertyAssignment(member)
      ? [{ name: member.name.getText(), subject: '', sentence: `…: ${textOf(member.initializer)}` }]
      : [],
  )
}

function inObject(node: ts.PropertyAssignment): Reason[] {
  const name = nameOf(node.initializer)
  if (!name) return []
  const members = ts.isObjectLiteralExpression(node.parent) ? node.parent.properties : []
  const message = members.find(member => member.name?.getText() === 'message')
  const words = message && messageOf(message)
  return [{ name, subject: '', sentence: words ?? '' }]
}

/** `message: …`, or `message` alone after `const message = …` above it. */
function messageOf(member: ts.ObjectLiteralElementLike): string {
  if (ts.isPropertyAssignment(member)) return textOf(member.initializer)
  const declared = declarationsAbove(member).find(({ name }) => name.getText() === 'message')
  return declared?.initializer ? textOf(declared.initializer) : ''
}

/** Of the blocks around a node, the nearest first, and in each the last before the node first. */
function declarationsAbove(node: ts.Node): ts.VariableDeclaration[] {
  if (!node.parent) return []
  const { parent } = node
  const statements = ts.isBlock(parent) || ts.isSourceFile(parent) ? [...parent.statements] : []
  const declared = statements
    .filter(statement => statement.pos < node.pos)
    .reverse()
    .flatMap(statement =>
      ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
    )
  return [...declared, ...declarationsAbove(parent)]
}

/** A call with a reason and a sentence; `yes` and `no` take the type of a condition before them. */
function inCall(call: ts.CallExpression): Reason[] {
  const called = call.expression.getText()
  const judged = ['yes', 'no'].includes(called) && call.arguments.length === 3
  const args = judged ? call.arguments.slice(1) : [...call.arguments]
  const at = args.findIndex((arg, index) => nameOf(arg) && isText(args[index + 1]))
  const [reason, words] = args.slice(at < 0 ? args.length : at)
  const name = reason && nameOf(reason)
  if (!name || !words) return []
  const [type] = call.arguments
  const subject =
    judged && type && ts.isStringLiteral(type) ? `\`${type.text}\` ${statusOf(call)}` : ''
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
  // `given ?? 'Ours'`: what is given is somebody else's.
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
  ) {
    return nameOf(node.right)
  }
  if (ts.isStringLiteral(node)) {
    return /^[A-Z][A-Za-z0-9]+$/.test(node.text) ? node.text : undefined
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined
  const tables = ['why', 'bridgeReason', 'recorderReason']
  return tables.includes(node.expression.getText()) ? node.name.text : undefined
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
export function meaningsIn(source: ts.SourceFile): Map<string, string> {
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
