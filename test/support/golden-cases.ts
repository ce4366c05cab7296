import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadAll } from 'js-yaml'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { asStored, isRelated } from '../../src/cli/observed.ts'
import { relatedRules } from '../../src/core/related.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { jicofoPod, node } from './cluster.ts'
import { request } from './fixtures.ts'

/** One input whose whole answer is kept in test/golden. */
export interface GoldenCase {
  name: string
  /** Where the answer is kept. */
  directory: string
  /** The first call for this Jitsi: nothing of it exists yet. */
  first: SyncRequest
}

/** The nodes of every golden case: a pool for media, with public addresses. */
export const goldenNodes: KubeObject[] = [1, 2, 3].map(n => {
  const { metadata, ...rest } = node(`node-${n}`, `203.0.113.${n}`, {
    taints: [{ key: 'example.org/media', effect: 'NoSchedule' }],
  })
  const labels = { ...metadata.labels, 'example.org/pool': 'media' }
  return { ...rest, metadata: { ...metadata, labels } }
})

const golden = 'test/golden'

/** Every example, and every folder of test/golden that has a `parent.yaml` of its own. */
export function goldenCases(): GoldenCase[] {
  const examples = readdirSync('examples')
    .filter(isYaml)
    .map(file => ({
      name: basename(file, '.yaml'),
      files: [join('examples', file)],
    }))
  const folders = readdirSync(golden)
    .map(name => ({ name, inputs: readdirSync(join(golden, name)) }))
    .filter(({ inputs }) => inputs.includes('parent.yaml'))
    .map(({ name, inputs }) => ({
      name,
      files: ['parent.yaml', 'related.yaml']
        .filter(file => inputs.includes(file))
        .map(file => join(golden, name, file)),
    }))
  return [...examples, ...folders]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, files }) => ({
      name,
      directory: join(golden, name),
      first: firstRequest(files.flatMap(documents)),
    }))
}

const isYaml = (file: string) => file.endsWith('.yaml')

const documents = (file: string) => loadAll(readFileSync(file, 'utf8')) as KubeObject[]

function firstRequest(objects: KubeObject[]): SyncRequest {
  const jitsi = objects.find(({ kind }) => kind === 'Jitsi')
  if (!jitsi) throw new Error('no Jitsi among the inputs')
  const { namespace = 'default', name } = jitsi.metadata
  const parent = {
    ...jitsi,
    metadata: { generation: 1, uid: `uid-of-${name}`, ...jitsi.metadata, namespace },
  }
  const others = objects
    .filter(object => object !== jitsi)
    .map(
      ({ metadata, ...rest }) => ({ ...rest, metadata: { namespace, ...metadata } }) as KubeObject,
    )
    .map(asStored)
  const cluster = [...others, ...goldenNodes, jicofoPod(name, {}, namespace)]
  const rules = relatedRules(parent)
  return request({
    jitsi: parent,
    related: cluster.filter(object => rules.some(rule => isRelated(object, rule))),
    kinds: ['httproutes', 'podmonitors', 'prometheusrules'],
  })
}
