import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import type { KubeObject } from '../../src/kube/types.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { objectsIn, rendered, variants } from './chart.ts'

const manifests = join(repositoryRoot, 'metacontroller')

/** All that we ship: the chart in its variants, and metacontroller/ with every component. */
export function shipped(tools: { helm: string; kubectl: string }): KubeObject[] {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-overlay-'))
  writeOverlay(folder, readdirSync(join(manifests, 'components')))
  const applied = execFileSync(tools.kubectl, ['kustomize', folder], { encoding: 'utf8' })
  return [...variants.flatMap(({ values }) => rendered(tools.helm, values)), ...objectsIn(applied)]
}

/** Makes a folder an overlay of metacontroller/ with some of its components, for `kubectl -k`. */
export function writeOverlay(folder: string, components: readonly string[]): void {
  cpSync(manifests, join(folder, 'metacontroller'), { recursive: true })
  const overlay = {
    resources: ['metacontroller'],
    components: components.map(name => `metacontroller/components/${name}`),
  }
  writeFileSync(join(folder, 'kustomization.yaml'), dump(overlay))
}
