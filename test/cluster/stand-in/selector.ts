type Labels = Record<string, string>

interface Expression {
  key: string
  operator: string
  values?: string[]
}

/** A Kubernetes label selector; `matchAnnotations` is what Metacontroller adds to it. */
export interface Selector {
  matchLabels?: Labels
  matchAnnotations?: Labels
  matchExpressions?: Expression[]
}

/** No selector selects everything. */
export function selects(selector: Selector | undefined, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchAnnotations = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.entries({ ...matchLabels, ...matchAnnotations }).every(
      ([key, value]) => labels[key] === value,
    ) && matchExpressions.every(expression => holds(expression, labels[expression.key]))
  )
}

function holds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      throw new Error(`unknown operator ${operator}`)
  }
}
