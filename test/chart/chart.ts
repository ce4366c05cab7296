import { execFileSync } from 'node:child_process'
import { accessSync, constants, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { dump, load, loadAll } from 'js-yaml'
import type { KubeObject } from '../../src/kube/types.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { catalog } from '../cluster/tools/catalog.ts'

/** Values of the chart, as in a values file. */
export type Values = Record<string, unknown>

/** One way to install the chart. */
export interface Variant {
  name: string
  values: Values
}

/** The ways to install that differ in what they render: each kind of trust, few and many kinds. */
export const variants: Variant[] = [
  { name: 'as it comes', values: {} },
  {
    name: 'plain HTTP beside a Metacontroller that is there',
    values: {
      replicas: 1,
      hook: { tls: { source: 'none' }, token: { enabled: false } },
      metacontroller: { enabled: false },
      networkPolicy: { enabled: false },
    },
  },
  {
    name: 'certificate and token of my own',
    values: {
      hook: {
        tls: { source: 'existingSecret', existingSecret: 'my-certificate' },
        token: { existingSecret: 'my-token' },
      },
    },
  },
  {
    name: 'cert-manager, monitoring and Gateway API',
    values: {
      hook: { tls: { source: 'certManager' } },
      controllers: { optionalKinds: { monitoring: 'always', gateway: 'always' } },
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true },
      dashboards: { enabled: true },
      rbac: { aggregateToEdit: true },
      priorityClassName: 'system-cluster-critical',
    },
  },
]

/** The chart's folder in the repository. */
export const chartFolder = join(repositoryRoot, 'charts/jitsi-operator')

/** The chart's own values, before anybody sets one. */
export const chartValues = load(
  readFileSync(join(chartFolder, 'values.yaml'), 'utf8'),
) as Values & {
  metacontroller: { commandArgs: string[] }
}

/** Path of a helm that is there already; undefined where none is (nothing is built for this). */
export const findHelm = () => findProgram('helm', `helm-${catalog.helm.version}`)

/**
 * What lets a release take over objects that somebody else applied. Helm 3 writes over what others
 * wrote by itself.
 */
export function takeOver(helmPath: string): string[] {
  const isHelm3 = helm(helmPath, ['version', '--short']).startsWith('v3.')
  return ['--take-ownership', ...(isHelm3 ? [] : ['--force-conflicts'])]
}

/** Path of a program that is there already, `cached` being its name in the cache of the suite. */
export function findProgram(name: string, cached: string): string | undefined {
  const { JITSI_OPERATOR_TOOLS, KUBEBUILDER_ASSETS, PATH = '', XDG_CACHE_HOME } = process.env
  const folders = [JITSI_OPERATOR_TOOLS, KUBEBUILDER_ASSETS, ...PATH.split(delimiter)]
  // Where the cluster suite keeps the one that it builds.
  const built = join(XDG_CACHE_HOME || join(homedir(), '.cache'), `jitsi-operator/bin/${cached}`)
  return [...folders.flatMap(folder => (folder ? join(folder, name) : [])), built].find(
    isExecutable,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A copy of the chart without its dependency, whose registry tests must not need. What the
 * dependency gets from us (`metacontroller` in the values) is still read by our own templates.
 */
export function chartCopy(change: Partial<{ version: string; appVersion: string }> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-chart-'))
  cpSync(chartFolder, folder, { recursive: true })
  const file = join(folder, 'Chart.yaml')
  // An API server that is built from its Go module calls itself v0.0.0.
  const {
    dependencies: _,
    kubeVersion: __,
    ...chart
  } = load(readFileSync(file, 'utf8')) as Record<string, unknown>
  writeFileSync(file, dump({ ...chart, ...change }))
  return folder
}

/** Runs helm and returns what it prints; its complaint becomes the error's message. */
export function helm(path: string, args: readonly string[], values: Values = {}): string {
  const all = [...args, '--values', '-']
  const takesValues = ['template', 'lint', 'install', 'upgrade'].includes(args[0] ?? '')
  return execFileSync(path, takesValues ? all : [...args], {
    input: JSON.stringify(values),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** What `helm template` writes. */
export function renderedText(path: string, values: Values = {}, folder = chartCopy()): string {
  return helm(path, ['template', 'jitsi-operator', folder, '--namespace=jitsi-operator'], values)
}

/** The objects that a release consists of. */
export function rendered(path: string, values: Values = {}, folder?: string): KubeObject[] {
  return objectsIn(renderedText(path, values, folder))
}

/** Objects of a YAML stream; empty documents are none. */
export function objectsIn(yaml: string): KubeObject[] {
  return (loadAll(yaml) as (KubeObject | null)[]).flatMap(object => object ?? [])
}
