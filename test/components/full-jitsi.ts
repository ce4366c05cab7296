import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { asStored } from '../../src/cli/observed.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { rendered } from './rendered.ts'

/* A Jitsi with everything that there is: examples/everything.yaml. */

type Fields = Readonly<Record<string, unknown>>

const objects = loadAll(readFileSync('examples/everything.yaml', 'utf8')) as KubeObject[]

/** Its spec. */
export const fullSpec = objects.find(({ kind }) => kind === 'Jitsi')?.spec as Fields

const related = objects
  .filter(({ kind }) => kind !== 'Jitsi')
  .map(({ metadata, ...rest }) =>
    asStored({ ...rest, metadata: { ...metadata, namespace: 'school' } } as KubeObject),
  )

/** All objects of a Jitsi that may be full, where the cluster has every optional kind. */
export function renderedFull(spec: Fields): KubeObject[] {
  return rendered(spec, { related, childKinds: ['podmonitors', 'prometheusrules', 'httproutes'] })
}

/** The full spec without the field of that path: back to what holds when nobody says anything. */
export function without(path: string): Fields {
  return omit(fullSpec, path.split('.'))
}

function omit(fields: Fields, [name = '', ...deeper]: readonly string[]): Fields {
  const { [name]: value, ...others } = fields
  if (value === undefined) throw new Error(`${name} is not in examples/everything.yaml`)
  return deeper.length === 0 ? others : { ...others, [name]: omit(value as Fields, deeper) }
}
