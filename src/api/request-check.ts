import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import { KubeObjectSchema } from './wire-objects.ts'

/** What is wrong with a request, by names of fields alone: a value may be a secret. */
export interface RequestProblem {
  /** A JSON pointer: `/parent/metadata/name`; empty for the request itself. */
  path: string
  message: string
}

/** Compiles the schema of a request into a check that tells the first problem, if there is one. */
export function requestCheck(schema: TSchema): (request: unknown) => RequestProblem | undefined {
  const compiled = TypeCompiler.Compile(schema, [KubeObjectSchema])
  return request => {
    if (compiled.Check(request)) return undefined
    const error = compiled.Errors(request).First()
    return error ? problemOf(error) : { path: '', message: 'Unexpected value' }
  }
}

/** What an object lacks of the kind that it says it is, not that it is none of all kinds. */
function problemOf(error: ValueError): RequestProblem {
  const ofKinds = error.type === ValueErrorType.Union ? error.errors : []
  const ofItsKind = ofKinds
    .map(ofKind => ofKind.First())
    .find(first => first && first.path !== `${error.path}/kind`)
  const found = ofItsKind ?? error
  return { path: found.path, message: inWords(found) }
}

const kinds: Record<string, string> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

/** What was expected and what came, as people call it; the rest TypeBox says well enough. */
function inWords({ schema, value, message }: ValueError): string {
  if (value === undefined) return 'it is missing'
  if (value === '') return 'it is empty'
  const expected = kinds[schema.type]
  const got = kindOf(value)
  return expected && expected !== got ? `expected ${expected}, got ${got}` : message
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return kinds[Array.isArray(value) ? 'array' : typeof value] ?? typeof value
}
