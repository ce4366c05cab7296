import ts from 'typescript'

/** A place in a source file and what stands there instead. */
export interface Change {
  file: string
  /** Counted from one. */
  line: number
  start: number
  end: number
  from: string
  to: string
}

const { SyntaxKind: kind } = ts

const operators = new Map<ts.SyntaxKind, string>([
  [kind.EqualsEqualsEqualsToken, '!=='],
  [kind.ExclamationEqualsEqualsToken, '==='],
  [kind.LessThanToken, '<='],
  [kind.LessThanEqualsToken, '<'],
  [kind.GreaterThanToken, '>='],
  [kind.GreaterThanEqualsToken, '>'],
  [kind.AmpersandAmpersandToken, '||'],
  [kind.BarBarToken, '&&'],
  [kind.PlusToken, '-'],
  [kind.MinusToken, '+'],
  [kind.AsteriskToken, '/'],
  [kind.SlashToken, '*'],
])

/** Methods of which the opposite, or the whole list, is the usual mistake. */
const methods = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
])

/** Every mistake that the rules make of a file; sentences and types are left alone. */
export function changesOf(file: string, text: string): Change[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true)
  const changes: Change[] = []
  const add = (node: ts.Node, to: string) => {
    const [start, end] = [node.getStart(source), node.getEnd()]
    const line = source.getLineAndCharacterOfPosition(start).line + 1
    changes.push({ file, line, start, end, from: text.slice(start, end), to })
  }
  const visit = (node: ts.Node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      return
    }
    ofExpression(node, add)
    ofStatement(node, add)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return changes
}

type Add = (node: ts.Node, to: string) => void

function ofExpression(node: ts.Node, add: Add): void {
  if (ts.isBinaryExpression(node)) ofOperator(node, add)
  else if (ts.isPrefixUnaryExpression(node) && node.operator === kind.ExclamationToken) {
    add(node, node.operand.getText())
  } else if (ts.isNumericLiteral(node)) add(node, String(Number(node.text) + 1))
  else if (node.kind === kind.TrueKeyword) add(node, 'false')
  else if (node.kind === kind.FalseKeyword) add(node, 'true')
  else ofMethod(node, add)
}

function ofOperator({ left, operatorToken, right }: ts.BinaryExpression, add: Add): void {
  const other = operators.get(operatorToken.kind)
  const joinsText = ts.isStringLiteralLike(left) || ts.isStringLiteralLike(right)
  if (other && !joinsText) add(operatorToken, other)
  if (operatorToken.kind === kind.QuestionQuestionToken) add(operatorToken.parent, left.getText())
}

function ofMethod(node: ts.Node, add: Add): void {
  if (ts.isPropertyAccessExpression(node)) {
    const other = methods.get(node.name.text)
    if (other) add(node.name, other)
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
  const { name, expression } = node.expression
  if (name.text === 'filter' || name.text === 'sort') add(node, expression.getText())
}

function ofStatement(node: ts.Node, add: Add): void {
  if (ts.isIfStatement(node)) {
    add(node.expression, 'true')
    add(node.expression, 'false')
  } else if (ts.isConditionalExpression(node)) add(node.condition, `!(${node.condition.getText()})`)
}

/** The file's text with the change made. */
export const changed = (text: string, { start, end, to }: Change) =>
  `${text.slice(0, start)}${to}${text.slice(end)}`
