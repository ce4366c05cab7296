import type { TSchema } from '@sinclair/typebox'
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import { requestCheck } from '../api/request-check.ts'

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>
type CompilersFactory = NonNullable<SchemaController['compilersFactory']>

/** A request is checked and never changed. */
const checked: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'request' }) => {
  const problemOf = requestCheck(schema)
  return (value: unknown) => {
    const problem = problemOf(value)
    return problem ? { error: Error(`${httpPart}${problem.path}: ${problem.message}`) } : { value }
  }
}

/**
 * Has TypeBox check what comes in, where Fastify by itself would load and run ajv: that was a fifth
 * of the start (docs/adr/0013-one-file-is-shipped.md). No answer of ours has a schema.
 */
export const typeBoxChecks = {
  buildValidator: () => checked,
  buildSerializer: () => () => JSON.stringify,
} as unknown as CompilersFactory // Fastify's type knows ajv alone.
