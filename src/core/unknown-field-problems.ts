import type { TSchema } from '@sinclair/typebox'
import { JitsiSpec } from '../api/jitsi.ts'
import { isRecord } from '../kube/record.ts'
import { excerpt } from '../settings/excerpt.ts'
import { nearest } from '../settings/nearest.ts'
import type { Problem } from '../settings/settings.ts'

/** Slips of the pen; whoever has more of them made another mistake, and each hint takes time. */
const mostUnknown = 10

/**
 * Fields that nothing reads. An API server leaves them out before anybody sees them; in a file, or
 * with a CRD of a later release, they would be taken for understood.
 */
export function unknownFieldProblems(spec: JitsiSpec): Problem[] {
  const found: Unknown[] = []
  collect(JitsiSpec, spec, { path: 'spec', found })
  return found.map(({ path, name, siblings }) => {
    const meant = nearest(name, siblings)
    const hint = meant
      ? `did you mean ${meant}?`
      : `kubectl explain jitsi.${path.replaceAll(/\[\d+\]/g, '')} and docs/api.md list those that there are`
    return {
      path: `${path}.${name}`,
      reason: 'FieldUnknown',
      message: `${path}.${excerpt(name)}: there is no such field, and nothing reads it; ${hint}`,
    }
  })
}

interface Unknown {
  /** Of the object that has the field. */
  path: string
  name: string
  /** The fields that such an object has. */
  siblings: string[]
}

function collect(schema: TSchema, value: unknown, { path, found }: Place) {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (schema.items) collect(schema.items, item, { path: `${path}[${index}]`, found })
    }
  } else if (isRecord(value) && isOurs(schema)) {
    collectMembers(schema.properties, value, { path, found })
  }
}

interface Place {
  path: string
  found: Unknown[]
}

/** What Kubernetes or the user defines has fields that we do not list. */
const isOurs = ({ properties, ...schema }: TSchema) =>
  properties !== undefined && !schema['x-kubernetes-preserve-unknown-fields']

function collectMembers(
  fields: Record<string, TSchema>,
  object: Record<string, unknown>,
  { path, found }: Place,
) {
  for (const [name, member] of Object.entries(object)) {
    if (found.length === mostUnknown) return
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field) collect(field, member, { path: `${path}.${name}`, found })
    else found.push({ path, name, siblings: Object.keys(fields) })
  }
}
