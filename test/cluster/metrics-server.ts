import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Pod } from '../../src/kube/types.ts'
import type { ControlPlane } from './control-plane.ts'
import type { KubeClient, LiveObject } from './kube-client.ts'
import { freePorts } from './programs.ts'

/*
 * A stand-in for metrics-server: the API server's own aggregation leads to it, and the real HPA
 * controller reads it, as they would in a cluster.
 */

const groupVersion = 'metrics.k8s.io/v1beta1'
const service = { namespace: 'kube-system', name: 'metrics-server' }

/** How many cores a container of a Pod uses; undefined where nobody measured. */
export type Usage = (pod: Pod, container: string) => number | undefined

/** Serves what `usage` tells of each Pod as `metrics.k8s.io`; returns how to end that. */
export async function startMetricsServer(
  { client, folder }: ControlPlane,
  usage: Usage,
): Promise<() => void> {
  const [port = 0] = await freePorts(1)
  const pem = (file: string) => readFileSync(join(folder, 'pki', file))
  const tls = { cert: pem('apiserver.crt'), key: pem('apiserver.key') }
  const server = createServer(tls, (request, response) => void answer(request, response))
  const answer = async ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    const body = await answerTo(url, { client, usage }).catch(() => undefined)
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }
  await new Promise<void>(listening => server.listen(port, '127.0.0.1', listening))
  await register(client, port)
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

/** The API server finds it as it finds any aggregated API: by a Service, here of another host. */
async function register(client: KubeClient, port: number): Promise<void> {
  await client.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: service,
    spec: { type: 'ExternalName', externalName: 'localhost' },
  })
  await client.create({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      // Its certificate is that of the API server, made for another name.
      insecureSkipTLSVerify: true,
      service: { ...service, port },
    },
  })
}

interface Answering {
  client: KubeClient
  usage: Usage
}

async function answerTo(path: string, answering: Answering): Promise<unknown> {
  const { pathname, searchParams } = new URL(path, 'https://localhost')
  const [, namespace] =
    /^\/apis\/metrics\.k8s\.io\/v1beta1\/namespaces\/([^/]+)\/pods$/.exec(pathname) ?? []
  if (namespace) {
    return podMetrics(answering, { namespace, labels: searchParams.get('labelSelector') ?? '' })
  }
  return pathname === `/apis/${groupVersion}` ? resources : undefined
}

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: [
    {
      name: 'pods',
      singularName: '',
      namespaced: true,
      kind: 'PodMetrics',
      verbs: ['get', 'list'],
    },
  ],
}

async function podMetrics(
  { client, usage }: Answering,
  { namespace, labels }: { namespace: string; labels: string },
): Promise<unknown> {
  const pods = await client.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { namespace, labels: encodeURIComponent(labels) },
  )
  return {
    kind: 'PodMetricsList',
    apiVersion: groupVersion,
    metadata: {},
    items: pods.flatMap(pod => measured(pod, usage)),
  }
}

/** A Pod is measured as a whole or not at all. */
function measured(live: LiveObject, usage: Usage): unknown[] {
  const pod = live as unknown as Pod
  const { name, namespace, labels } = pod.metadata
  const figures = pod.spec.containers.map(container => ({
    name: container.name,
    cores: usage(pod, container.name),
  }))
  if (figures.some(({ cores }) => cores === undefined)) return []
  return [
    {
      metadata: { name, namespace, labels },
      timestamp: new Date().toISOString(),
      window: '1s',
      containers: figures.map(({ name, cores = 0 }) => ({
        name,
        usage: { cpu: `${Math.round(cores * 1e9)}n`, memory: '64Mi' },
      })),
    },
  ]
}
