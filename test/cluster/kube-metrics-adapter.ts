import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadAll } from 'js-yaml'
import type { LoadEdges } from '../../src/autoscaling/load.ts'
import { loadEdges } from '../../src/hooks/load.ts'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import type { ControlPlane } from './control-plane.ts'
import { freePorts } from './programs.ts'

const run = promisify(execFile)

/** A checkout of kube-metrics-adapter's repository, with the program built in it by `go build`. */
export const checkout = process.env.KUBE_METRICS_ADAPTER ?? ''

const service = { namespace: 'kube-system', name: 'kube-metrics-adapter' }
const program = 'kube-metrics-adapter'

/** The adapter, registered with the API server. */
export interface Adapter {
  /** Starts it, with variables of its own. */
  start: (env?: Record<string, string>) => void
  stop: () => Promise<void>
}

/**
 * Registers the adapter by the manifests of its own repository, with the rights that those give
 * it; only its address is ours, because it runs outside of the cluster.
 */
export async function installAdapter(plane: ControlPlane): Promise<Adapter> {
  const [port = 0, metrics = 0] = await freePorts(2)
  await plane.client.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: service,
    spec: { type: 'ExternalName', externalName: 'localhost' },
  })
  for (const object of objectsOf('rbac.yaml')) await plane.client.apply(object)
  for (const object of objectsOf('external-metrics-apiservice.yaml')) {
    const spec = object.spec as object
    await plane.client.apply({ ...object, spec: { ...spec, service: { ...service, port } } })
  }
  const kubeconfig = await kubeconfigOf(plane)
  const flags = {
    'lister-kubeconfig': kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'metrics-address': `127.0.0.1:${metrics}`,
    'cert-dir': join(plane.folder, 'adapter'),
    // It looks for new autoscalers every half minute, as delivered.
    'resource-update-interval': '2s',
  }
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)
  const start = (env = {}) =>
    plane.programs.start(program, { path: join(checkout, program), args, env })
  return { start, stop: () => plane.programs.stop(program) }
}

function objectsOf(file: string): KubeObject[] {
  return loadAll(readFileSync(join(checkout, 'docs', file), 'utf8')) as KubeObject[]
}

/** Its Pod's service account, outside of a Pod. */
async function kubeconfigOf(plane: ControlPlane): Promise<string> {
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig('admin') }
  const account = ['custom-metrics-apiserver', '--namespace=kube-system']
  const { stdout } = await run(plane.kubectl, ['create', 'token', ...account], { env })
  const admin = readFileSync(plane.kubeconfig('admin'), 'utf8')
  const path = join(plane.folder, 'kubeconfig-adapter')
  writeFileSync(path, admin.replace(/token: "[^"]*"/, `token: "${stdout.trim()}"`), { mode: 0o600 })
  return path
}

/** A file in a folder of its own, as the kubelet mounts the key of a Secret. */
export function mounted(folder: string, file: string, content: string): string {
  const data = '..2026_01_01_00_00_00.1'
  mkdirSync(join(folder, data), { recursive: true })
  writeFileSync(join(folder, data, file), content)
  symlinkSync(data, join(folder, '..data'))
  symlinkSync(join('..data', file), join(folder, file))
  return folder
}

/**
 * What the control plane lacks: a DNS that knows the headless Services, and a network. Pods answer
 * at addresses of this machine, which the service calls for nobody; so it sees others.
 */
export function namesOf({ client }: ControlPlane): LoadEdges {
  const asPod = (address: string) => address.replace(/^127\./, '10.')
  const asHere = (url: string) => url.replace('//10.', '//127.')
  return {
    ...loadEdges,
    addresses: async host => {
      const [, namespace = ''] = host.split('.')
      const labels = `${label.observe}=jvb`
      const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels })
      return pods.flatMap(({ status }) => {
        const { podIP } = (status ?? {}) as { podIP?: string }
        return podIP ? [asPod(podIP)] : []
      })
    },
    readJson: (url, deadline) => loadEdges.readJson(asHere(url), deadline),
  }
}
