import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeClient } from '../cluster/kube-client.ts'

/** A node of an OpenAPI or JSON schema. */
type Schema = Record<string, unknown>

interface Kind {
  group: string
  version: string
  kind: string
}

/**
 * Writes one JSON schema for each kind that the API server serves, CRDs included, under the names
 * that kubeconform looks for: `<folder>/<kind>-<group>-<version>.json`. Its usual schemas are on
 * the internet, belong to other versions and know no CRD of ours.
 */
export async function writeSchemas(client: KubeClient, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  const { paths } = await document<{ paths: Record<string, { serverRelativeURL: string }> }>(
    client,
    '/openapi/v3',
  )
  let written = 0
  for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
    if (!/^apis?\//.test(path)) continue
    const { components } = await document<{ components?: { schemas?: Record<string, Schema> } }>(
      client,
      serverRelativeURL,
    )
    written += await writeGroup(components?.schemas ?? {}, folder)
  }
  return written
}

/** The list of documents comes as text/plain, the documents as JSON. */
async function document<T>(client: KubeClient, path: string): Promise<T> {
  const answer = await client.raw<T | string>(path)
  return typeof answer === 'string' ? JSON.parse(answer) : answer
}

async function writeGroup(schemas: Record<string, Schema>, folder: string): Promise<number> {
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, strict(schema)]),
  )
  let written = 0
  for (const [name, schema] of Object.entries(schemas)) {
    for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as Kind[]) {
      const text = JSON.stringify({ $ref: `#/definitions/${name}`, definitions })
      await writeFile(join(folder, fileName(kind)), text)
      written += 1
    }
  }
  return written
}

/** `{{.ResourceKind}}{{.KindSuffix}}` of kubeconform: the first part of the group only. */
function fileName({ group, version, kind }: Kind): string {
  const first = group.split('.')[0]
  return `${[kind, ...(first ? [first] : []), version].join('-').toLowerCase()}.json`
}

/** As the API server judges with strict field validation: a field that is not named is a mistake. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict)
  if (node === null || typeof node !== 'object') return node
  const schema = node as Schema
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      // The schema of CRDs also has fields of that name, which are no references.
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/components/schemas/', '#/definitions/')
        : strict(value),
    ]),
  )
  return isClosed(schema) ? { ...inner, additionalProperties: false } : inner
}

/** An object with named fields and no others. */
function isClosed(schema: Schema): boolean {
  return (
    schema.type === 'object' &&
    typeof schema.properties === 'object' &&
    schema.additionalProperties === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    schema['x-kubernetes-embedded-resource'] !== true
  )
}
