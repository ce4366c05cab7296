import ts from 'typescript'

/** One reason, where it is given, and its sentence with `…` for what is filled in. */
export interface Reason {
  name: string
  /** Type and status of the condition that it stands beside, if it does. */
  condition: string
  sentence: string
  /** The function that is called with it, if one is. */
  via: string
}

/** The functions of src/kube/conditions.ts, and the status that each gives. */
const statuses: Record<string, string> = { yes: 'True', no: 'False', maybe: 'Unknown' }

/**
 * Reasons in the order of a source: members `reason: …`, calls with a reason and a sentence,
 * sentences that depend on the reason, and those of the table `because`. All sources are needed to
 * know what a function is called with.
 */
export function reasonsIn(source: ts.SourceFile, sources: readonly ts.SourceFile[]): Reason[] {
  const found: Reason[] = []
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'reason')
      found.push(...inObject(node))
    if (ts.isCallExpression(node)) found.push(...inCall(node, sources))
    if (ts.isIfStatement(node)) found.push(...inBranch(node))
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'because')
      found.push(...inTable(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const reason = (name: string, rest: Partial<Reason>): Reason => ({
  name,
  condition: '',
  sentence: '',
  via: '',
  ...rest,
})

/** `if (reason === 'AboveMaximum') return …` */
function inBranch({ expression, thenStatement }: ts.IfStatement): Reason[] {
  if (!ts.isBinaryExpression(expression) || expression.left.getText() !== 'reason') return []
  const words = ts.isReturnStatement(thenStatement) && thenStatement.expression
  if (!words || !isText(words)) return []
  return namesOf(expression.right).map(name => reason(name, { sentence: textOf(words) }))
}

function inTable({ initializer }: ts.VariableDeclaration): Reason[] {
  if (!initializer || !ts.isObjectLiteralExpression(initializer)) return []
  return initializer.properties.flatMap(member =>
    ts.isPropertyAssignment(member)
      ? [reason(member.name.getText(), { sentence: `…: ${textOf(member.initializer)}` })]
      : [],
  )
}

function inObject({ parent, initializer }: ts.PropertyAssignment): Reason[] {
  const members = ts.isObjectLiteralExpression(parent) ? parent.properties : []
  const sentences = members
    .filter(member => member.name?.getText() === 'message')
    .flatMap(member => {
      if (ts.isPropertyAssignment(member)) return [member.initializer]
      return member.name ? [member.name, ...given(member.name, [member.getSourceFile()])] : []
    })
    .map(textOf)
    .filter(Boolean)
  return namesOf(initializer).flatMap(name =>
    (sentences.length > 0 ? sentences : ['']).map(sentence => reason(name, { sentence })),
  )
}

/** A call with a reason and a sentence; those that make a condition have its type before them. */
function inCall(call: ts.CallExpression, sources: readonly ts.SourceFile[]): Reason[] {
  const via = call.expression.getText()
  const status = statuses[via]
  const [type] = call.arguments
  const args = status ? call.arguments.slice(1) : [...call.arguments]
  // What is worked out can't be read; what is handed on is read where it comes from.
  if (status && args[0] && namesOf(args[0]).length === 0 && !/\breason$/.test(args[0].getText()))
    throw new Error(`the page can't tell the reason of ${call.getText()}`)
  const at = args.findIndex((arg, index) => namesOf(arg).length > 0 && isText(args[index + 1]))
  const [why, words] = at < 0 ? [] : args.slice(at)
  if (!why || !words || !type) return []
  const conditions = status ? typesOf(type, sources).map(name => `\`${name}\` ${status}`) : ['']
  return namesOf(why).flatMap(name =>
    conditions.map(condition => reason(name, { condition, sentence: textOf(words), via })),
  )
}

/** A type of a condition, or all with which the function around it is called. */
const typesOf = (type: ts.Node, sources: readonly ts.SourceFile[]): string[] =>
  [type, ...given(type, sources)].flatMap(node => (ts.isStringLiteral(node) ? [node.text] : []))

/** What is handed over for a parameter by every call of its function. */
function given(name: ts.Node, sources: readonly ts.SourceFile[]): ts.Node[] {
  const around = ts.findAncestor(name, node => parameterAt(node, name) >= 0)
  const named = around && ts.isArrowFunction(around) ? around.parent : around
  if (!named || !(ts.isVariableDeclaration(named) || ts.isFunctionDeclaration(named))) return []
  const called = named.name?.getText()
  const at = parameterAt(around, name)
  const found: ts.Node[] = []
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === called)
      found.push(...node.arguments.slice(at, at + 1))
    ts.forEachChild(node, visit)
  }
  sources.forEach(visit)
  return found
}

const parameterAt = (node: ts.Node | undefined, name: ts.Node) =>
  node && ts.isFunctionLike(node)
    ? node.parameters.findIndex(parameter => parameter.name.getText() === name.getText())
    : -1

/** What an expression may be: both ways of a choice, and what a constant stands for. */
function possible(node: ts.Node): ts.Node[] {
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(possible)
  // `given ?? 'Ours'`: what is given is somebody else's.
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
  ) {
    return possible(node.right)
  }
  if (!ts.isIdentifier(node)) return [node]
  const declared = declarationsAbove(node).find(({ name }) => name.getText() === node.text)
  return declared?.initializer ? possible(declared.initializer) : [node]
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

const tables = ['why', 'bridgeReason', 'recorderReason']

/** Reasons that an expression may be: CamelCase literals, or members of a table of reasons. */
const namesOf = (node: ts.Node): string[] =>
  possible(node).flatMap(value => {
    if (ts.isStringLiteral(value)) return /^[A-Z][A-Za-z0-9]+$/.test(value.text) ? [value.text] : []
    const listed =
      ts.isPropertyAccessExpression(value) && tables.includes(value.expression.getText())
    return listed ? [value.name.text] : []
  })

/** Is it a sentence, or does it hold one that is worked out elsewhere? */
const isText = (node: ts.Node | undefined): boolean =>
  node !== undefined &&
  possible(node).some(value => /\s/.test(textOf(value)) || /\bmessage$/.test(value.getText()))

/** A sentence as people see it, `…` for what is filled in; nothing for what is worked out elsewhere. */
function textOf(node: ts.Node): string {
  const [value, ...others] = possible(node)
  if (!value || others.length > 0) return ''
  if (ts.isStringLiteral(value) || ts.isNoSubstitutionTemplateLiteral(value)) return value.text
  if (!ts.isTemplateExpression(value)) return ''
  return value.templateSpans.reduce(
    (text, { literal }) => `${text}…${literal.text}`,
    value.head.text,
  )
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
