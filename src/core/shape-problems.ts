import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value'
import { JitsiSpec } from '../api/jitsi.ts'
import { durationPattern } from '../api/schema.ts'
import { isRecord } from '../kube/record.ts'
import { excerpt } from '../settings/excerpt.ts'
import type { Problem } from '../settings/settings.ts'

/** What the API server would refuse; it reaches us all the same from files and old CRDs. */
export function shapeProblems(spec: JitsiSpec): Problem[] {
  return firstErrors(spec, 10).map(error => ({
    path: pathOf(error),
    reason: 'WrongShape',
    message: `${excerpt(pathOf(error))}: ${wanted(error)}, got ${shown(error)}`,
  }))
}

/** One a field, and no more than so many are looked for: each that is found is described. */
function firstErrors(spec: JitsiSpec, most: number): ValueError[] {
  const found = new Map<string, ValueError>()
  for (const error of Value.Errors(JitsiSpec, spec)) {
    if (found.has(error.path)) continue
    if (found.set(error.path, error).size === most) break
  }
  return [...found.values()]
}

const pathOf = ({ path }: ValueError) => `spec${path.replaceAll('/', '.')}`

/** TypeBox names kinds of values and patterns; people look for the words that are allowed. */
function wanted({ type, schema, message }: ValueError): string {
  if (type === ValueErrorType.Union) {
    if (schema['x-kubernetes-int-or-string']) return 'Expected a quantity such as 500m or 4Gi'
    const words: { const: string }[] = schema.anyOf
    return `Expected one of ${words.map(word => word.const).join(', ')}`
  }
  if (type === ValueErrorType.StringPattern && schema.pattern === durationPattern) {
    return 'Expected a length of time such as 45m or 1h30m'
  }
  const explained =
    type === ValueErrorType.StringPattern || type === ValueErrorType.ObjectRequiredProperty
  return explained && schema.description ? `${message} (${schema.description})` : message
}

/** Fields at which people put secrets, rightly or by mistake: status never repeats their values. */
const secretive = /secret|password|token|credential|key|variables/i

/** Short, and never the text of something that might be a secret. */
function shown({ path, value }: ValueError): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'an object'
  if (value !== undefined && secretive.test(path)) return `a value of type ${typeof value}`
  return typeof value === 'string' && value.length > 40
    ? 'a long text'
    : (JSON.stringify(value) ?? 'nothing')
}
