import { jitsiCrd } from '../src/api/crd.ts'
import { podOverrides } from '../src/api/pod-overrides.ts'

/** The part of a CRD's schema that the reference tells. */
export interface Schema {
  type?: string
  description?: string
  default?: unknown
  enum?: string[]
  pattern?: string
  minimum?: number
  maximum?: number
  maxItems?: number
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-validations'?: { rule: string; message: string }[]
}

const duration = '^([0-9]+(d|h|m|s))+$'
const overrides = new Set(Object.keys(podOverrides))

/** The schemas of `spec` and `status`, as the API server gets them. */
export function jitsiSchemas(): { whole: Schema; spec: Schema; status: Schema } {
  const { versions } = jitsiCrd().spec as {
    versions: { schema: { openAPIV3Schema: Schema } }[]
  }
  const [version] = versions
  if (!version) throw new Error('the CRD has no version')
  const whole = version.schema.openAPIV3Schema
  const { spec = {}, status = {} } = whole.properties ?? {}
  return { whole, spec, status }
}

/** docs/api.md: every field of a Jitsi. */
export function apiReference(): string {
  const { whole, spec, status } = jitsiSchemas()
  const rules = [whole, spec].flatMap(schema => schema['x-kubernetes-validations'] ?? [])
  const web = spec.properties?.web?.properties ?? {}
  const shared = { type: 'object', properties: pick(web, name => overrides.has(name)) }
  return [
    '# Every field of a Jitsi',
    '',
    '`apiVersion: apps.jit.si/v1alpha1`, `kind: Jitsi`, short name `jts`. In a cluster: `kubectl explain jitsi.spec.jvb`.',
    '',
    'Made from the schema by `npm run docs`; a field that is not here does not exist. A field with a default may be left out, and so may everything that is not marked *required*.',
    '',
    '## Rules between fields',
    '',
    'The API server refuses a Jitsi that breaks one of them:',
    '',
    ...rules.map(({ message }) => `- ${message}`),
    '',
    ...sections('spec', spec),
    '## Pod fields',
    '',
    'The components share these fields: each can be set under every component of which the table says *and the Pod fields*. Names and meanings are those of a Pod spec.',
    '',
    ...table(shared, 'pod'),
    '',
    ...Object.entries(shared.properties)
      .filter(([, member]) => objectIn(member).properties)
      .flatMap(([name, member]) => sections(`pod.${name}`, objectIn(member))),
    ...sections('status', status),
  ].join('\n')
}

/** One heading and table for an object, then those of the objects in it. */
function sections(path: string, schema: Schema): string[] {
  const own = hasPodFields(schema)
    ? { ...schema, properties: pick(schema.properties ?? {}, name => !overrides.has(name)) }
    : schema
  const inner = Object.entries(own.properties ?? {})
    .map(([name, member]): [string, Schema] => [`${path}.${name}`, objectIn(member)])
    .filter(([, member]) => member.properties)
  const fields = Object.keys(own.properties ?? {}).length > 0
  return [
    `## ${path}`,
    '',
    ...(schema.description ? [schema.description, ''] : []),
    ...(fields ? [...table(own, path), ''] : []),
    ...(own === schema
      ? []
      : [fields ? 'And the [Pod fields](#pod-fields).' : 'The [Pod fields](#pod-fields).', '']),
    ...inner.flatMap(([name, member]) => sections(name, member)),
  ]
}

const hasPodFields = ({ properties = {} }: Schema) =>
  [...overrides].every(name => name in properties)

/** What a list holds, or the schema itself. */
const objectIn = (schema: Schema): Schema => schema.items ?? schema

function pick(properties: Record<string, Schema>, wanted: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => wanted(name)))
}

function table({ properties = {}, required = [] }: Schema, path: string): string[] {
  return [
    '| field | type | default | |',
    '|---|---|---|---|',
    ...Object.entries(properties).map(([name, member]) => {
      const link = objectIn(member).properties
        ? `[\`${name}\`](#${anchor(`${path}.${name}`)})`
        : `\`${name}\``
      const must = required.includes(name) ? '*Required.* ' : ''
      return `| ${link} | ${typeOf(member)} | ${defaultOf(member)} | ${must}${cell(member.description ?? '')} |`
    }),
  ]
}

/** As GitHub makes the anchor of a heading. */
const anchor = (heading: string) => heading.toLowerCase().replaceAll('.', '')

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'quantity'
  if (schema.enum) return schema.enum.map(word => `\`${word}\``).join(', ')
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`
  if (schema.properties) return 'object'
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'object of Kubernetes'
  return scalarType(schema)
}

function scalarType({ type = '', pattern, minimum, maximum }: Schema): string {
  if (pattern === duration) return 'duration, such as `45m`'
  if (pattern) return `${type} like \`${cell(pattern)}\``
  if (minimum !== undefined && maximum !== undefined) return `${type}, ${minimum} to ${maximum}`
  return minimum === undefined ? type : `${type}, at least ${minimum}`
}

function defaultOf({ default: value, properties }: Schema): string {
  if (value === undefined || properties) return ''
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

/** Text that does not break a table. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
