import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  CustomizeRequest,
  ObserveRequest,
  SyncRequest,
} from '../../../src/api/metacontroller.ts'
import type { KubeObject } from '../../../src/kube/types.ts'

/** A hook service with one child of each way in which this project uses Metacontroller. */
export interface ToyHook {
  url: string
  /** Answers 500 while it is true. */
  broken: boolean
  /** Calls by path, failed ones included. */
  calls: Record<string, number>
  close: () => Promise<void>
}

export async function startToyHook(): Promise<ToyHook> {
  const calls: Record<string, number> = {}
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    calls[path] = (calls[path] ?? 0) + 1
    void answer(request, response, hook.broken)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const hook: ToyHook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    broken: false,
    calls,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return hook
}

const answers: Record<string, (request: never) => unknown> = {
  '/sync': sync,
  '/customize': customize,
  '/observe': observe,
}

async function answer(request: IncomingMessage, response: ServerResponse, broken: boolean) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as never
  const result = answers[request.url ?? '']?.(body)
  response.writeHead(broken ? 500 : 200, { 'content-type': 'application/json' })
  response.end(broken ? 'out of order' : JSON.stringify(result))
}

interface ToySpec {
  color: string
  replicas: number
}

function specOf(parent: KubeObject): ToySpec {
  return parent.spec as ToySpec
}

function sync({ parent, children, related }: SyncRequest) {
  const { namespace = '', name } = parent.metadata
  const note = related?.['ConfigMap.v1']?.[`${namespace}/note`]?.data as
    | { text?: string }
    | undefined
  const pods = children['Pod.v1'] ?? {}
  return {
    status: {
      color: specOf(parent).color,
      note: note?.text ?? 'none',
      pods: Object.keys(pods).length,
    },
    children: [
      configMap(parent),
      secret(parent),
      service(name),
      deployment(parent),
      ...Array.from({ length: specOf(parent).replicas }, (_, index) => {
        const pod = `${name}-${index}`
        return bridge(parent, { name: pod, observed: pods[`${namespace}/${pod}`] })
      }),
    ],
    resyncAfterSeconds: 1,
  }
}

function customize({ parent }: CustomizeRequest) {
  const { namespace } = parent.metadata
  return {
    relatedResources: [{ apiVersion: 'v1', resource: 'configmaps', namespace, names: ['note'] }],
  }
}

function observe({ object }: ObserveRequest) {
  const { phase } = object.status as { phase?: string }
  return { annotations: { 'example.test/phase': phase ?? 'none', 'example.test/forget': null } }
}

/** Loses a key when it is not blue, to show that keys that are left out go away. */
function configMap(parent: KubeObject): KubeObject {
  const { color } = specOf(parent)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: parent.metadata.name, labels: { color } },
    data: { color, ...(color === 'blue' && { sky: '<&>' }) },
  }
}

/** OnDelete: keeps its first colour. */
function secret(parent: KubeObject): KubeObject {
  const data = { color: Buffer.from(specOf(parent).color).toString('base64') }
  const { name } = parent.metadata
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name }, data }
}

function service(name: string): KubeObject {
  const port = (port: number) => ({ name: `p${port}`, port, protocol: 'TCP', targetPort: port })
  const spec = { clusterIP: 'None', selector: { app: name }, ports: [port(80), port(81)] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
}

function deployment(parent: KubeObject): KubeObject {
  const { name } = parent.metadata
  const { color } = specOf(parent)
  const env = [
    { name: 'COLOR', value: color },
    ...(color === 'blue' ? [{ name: 'SKY', value: 'yes' }] : []),
  ]
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: 'main', image: 'example.test/main', env }],
        },
      },
    },
  }
}

/** A bare Pod: its spec is echoed, so that only its metadata ever changes. */
function bridge(
  parent: KubeObject,
  { name, observed }: { name: string; observed: KubeObject | undefined },
): KubeObject {
  const { color } = specOf(parent)
  const spec = {
    automountServiceAccountToken: false,
    initContainers: [{ name: 'first', image: 'example.test/first' }],
    containers: [
      { name: 'main', image: 'example.test/main', env: [{ name: 'COLOR', value: color }] },
    ],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { observed: 'yes' }, annotations: { 'example.test/color': color } },
    spec: observed?.spec ?? spec,
  }
}
