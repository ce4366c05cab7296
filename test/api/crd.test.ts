import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import t from 'tap'
import { jitsiCrd } from '../../src/api/crd.ts'
import { resolveSpec } from '../../src/core/context.ts'
import { canonicalJson } from '../../src/kube/hash.ts'

interface Schema {
  type?: string
  description?: string
  default?: unknown
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  maxItems?: number
  maxProperties?: number
  additionalProperties?: Schema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
}

interface Crd {
  spec: {
    versions: {
      schema: { openAPIV3Schema: Schema }
      subresources: { scale: Record<string, string>; status: object }
      additionalPrinterColumns: { name: string; jsonPath: string }[]
    }[]
  }
}

const [version] = (jitsiCrd() as unknown as Crd).spec.versions
if (!version) throw new Error('the CRD has no version')
const root = version.schema.openAPIV3Schema

/** Every schema below one, with its path. */
function all(schema: Schema, path = ''): { path: string; schema: Schema }[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).map(([name, member]) =>
      all(member, `${path}.${name}`),
    ),
    ...(schema.items ? [all(schema.items, `${path}[]`)] : []),
    ...(schema.additionalProperties ? [all(schema.additionalProperties, `${path}{}`)] : []),
  ]
  return [{ path, schema }, ...below.flat()]
}

const fields = all(root)

/** The schema of a field such as `.spec.jvb.strategy.replicas`. */
function at(path: string): Schema {
  const field = fields.find(field => field.path === path)
  if (!field) throw new Error(`the CRD has no ${path}`)
  return field.schema
}

t.test('the file that people install is the one that the source makes', async t => {
  t.strictSame(load(readFileSync('metacontroller/crd.yaml', 'utf8')), jitsiCrd())
})

t.test('the schema has no word that a structural schema forbids', async t => {
  const forbidden = [
    'anyOf',
    'oneOf',
    'allOf',
    'not',
    'const',
    '$ref',
    'patternProperties',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'unevaluatedProperties',
  ]
  for (const { path, schema } of fields) {
    const found = Object.keys(schema).filter(word => forbidden.includes(word))
    t.strictSame(found, [], path)
  }
})

t.test('every field has a type, or says that it takes anything', async t => {
  for (const { path, schema } of fields) {
    t.ok(schema.type ?? schema['x-kubernetes-int-or-string'], path)
  }
})

t.test('kubectl explain describes every field, in a sentence', async t => {
  const named = fields.filter(
    ({ path }) => /^\.(spec|status)/.test(path) && !/(\[\]|\{\})$/.test(path),
  )
  for (const { path, schema } of named) t.match(schema.description, /^[A-Za-z`].{8,}\.$/s, path)
})

t.test('every list of objects that we merge by name says so', async t => {
  t.match(at('.status.conditions'), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })
})

t.test('lists that every Pod repeats have an end, and so have settings', async t => {
  const lists = fields.filter(
    ({ schema }) => schema.items?.['x-kubernetes-preserve-unknown-fields'],
  )
  t.ok(lists.length > 50)
  for (const { path, schema } of lists) t.equal(schema.maxItems, 100, path)
  t.equal(at('.spec.variables').maxProperties, 500)
})

t.test('the scale subresource', async t => {
  const { scale } = version.subresources
  t.test(
    'writes a field that is there from the start: else the autoscaler gets an error',
    async t => {
      const path = scale.specReplicasPath ?? ''
      const steps = path.split('.').slice(1)
      for (const end of steps.keys()) {
        const parent = `.${steps.slice(0, end + 1).join('.')}`
        if (parent !== '.spec') t.not(at(parent).default, undefined, parent)
      }
      t.ok((at(path).default as number) >= 1, 'an autoscaler leaves a fleet of 0 alone for ever')
    },
  )
  t.test('reads fields that status has', async t => {
    t.equal(at(scale.statusReplicasPath ?? '').type, 'integer')
    t.equal(at(scale.labelSelectorPath ?? '').type, 'string')
  })
})

t.test('kubectl get shows fields that are there', async t => {
  for (const { name, jsonPath } of version.additionalPrinterColumns) {
    const path = jsonPath.replace(/\[\?.*\]/, '[]')
    if (!path.startsWith('.metadata')) t.ok(at(path), name)
  }
})

t.test('a field with a default is not required: the API server fills it in', async t => {
  for (const { path, schema } of fields) {
    const both = (schema.required ?? []).filter(
      name => schema.properties?.[name]?.default !== undefined,
    )
    t.strictSame(both, [], path)
  }
})

t.test('the defaults of the CRD are those of the plan', async t => {
  const filled = (schema: Schema, value: unknown): unknown => {
    if (value === undefined && schema.default === undefined) return undefined
    const given = value ?? structuredClone(schema.default)
    if (!schema.properties) return given
    const members = Object.entries(schema.properties).map(([name, member]) => [
      name,
      filled(member, (given as Record<string, unknown>)[name]),
    ])
    return Object.fromEntries(members.filter(([, member]) => member !== undefined))
  }
  const spec = { domain: 'meet.example.org' }
  t.equal(canonicalJson(filled(at('.spec'), spec)), canonicalJson(resolveSpec(spec)))
})

t.test('a default is of the type that it is a default of', async t => {
  for (const { path, schema } of fields.filter(({ schema }) => schema.default !== undefined)) {
    const type = Array.isArray(schema.default) ? 'array' : typeof schema.default
    t.equal(type === 'number' ? 'integer' : type, schema.type, path)
  }
})

t.test('every field of the first operator is there', async t => {
  const paths = [
    '.spec.domain',
    '.spec.region',
    '.spec.timezone',
    '.spec.image.registry',
    '.spec.image.tag',
    '.spec.image.pullPolicy',
    '.spec.variables',
    '.spec.metrics',
    '.spec.suspend',
    '.spec.ingress.enabled',
    '.spec.ingress.tls',
    '.spec.ingress.annotations',
    '.spec.turn.host',
    '.spec.turn.port',
    '.spec.turn.secret.name',
    '.spec.turn.secret.key',
    '.spec.web.replicas',
    '.spec.web.customConfigCM.name',
    '.spec.web.customInterfaceConfigCM.name',
    '.spec.web.customTitleConfigCM.name',
    '.spec.web.customBodyConfigCM.name',
    '.spec.web.customCloseConfigCM.name',
    '.spec.prosody.customProsodyConfigCM.name',
    '.spec.jvb.gracefulShutdown',
    '.spec.jvb.strategy.type',
    '.spec.jvb.strategy.replicas',
    '.spec.jvb.strategy.maxReplicas',
    '.spec.jvb.ports.udp',
    '.spec.jvb.ports.tcp',
    '.spec.jibri.enabled',
    ...['web', 'prosody', 'jicofo', 'jvb', 'jibri'].flatMap(component =>
      ['image', 'imagePullPolicy', 'resources', 'affinity', 'disableDefaultAffinity'].map(
        field => `.spec.${component}.${field}`,
      ),
    ),
  ]
  for (const path of paths) t.ok(at(path), path)
})
