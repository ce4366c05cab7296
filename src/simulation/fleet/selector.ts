/** A Kubernetes label selector; `matchAnnotations` is what Metacontroller adds to it. */
export interface Selector {
  matchLabels?: Record<string, string>
  matchAnnotations?: Record<string, string>
  matchExpressions?: Requirement[]
}

export interface Requirement {
  key: string
  operator: string
  values?: string[]
}

/** No selector selects everything. */
export function selects(
  selector: Selector | undefined,
  labels: Record<string, string> = {},
): boolean {
  const { matchLabels = {}, matchAnnotations = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.entries({ ...matchLabels, ...matchAnnotations }).every(
      ([key, value]) => labels[key] === value,
    ) && matchExpressions.every(requirement => meets(requirement, labels))
  )
}

/** The operators of label selectors and node affinity that compare for equality. */
export function meets(
  { key, operator, values = [] }: Requirement,
  labels: Record<string, string>,
): boolean {
  const value = labels[key]
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
