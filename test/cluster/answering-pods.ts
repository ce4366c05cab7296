import { createServer, type RequestListener, type Server } from 'node:http'
import { label } from '../../src/kube/annotations.ts'
import type { KubeClient, LiveObject } from './kube-client.ts'
import { Informer, keyOf } from './stand-in/informer.ts'

type Answers = (path: string) => unknown

/**
 * Lets the Pods that the observer calls answer at their own addresses, which have to be loopback
 * addresses (the control plane's podCidr): healthy bridges and a jicofo, all of them without any
 * meeting. Returns how to end that.
 */
export async function answerForPods(client: KubeClient): Promise<() => Promise<void>> {
  const resource = await client.discover('v1', ({ plural }) => plural === 'pods')
  if (!resource) throw new Error('no Pods in v1')
  const servers = new Map<string, Server>()
  const pods = new Informer(client, resource)
  pods.listen(({ previous, current }) => {
    if (current) listen(servers, current)
    else if (previous) close(servers, keyOf(previous))
  })
  return async () => {
    pods.stop()
    for (const key of servers.keys()) close(servers, key)
  }
}

function listen(servers: Map<string, Server>, pod: LiveObject): void {
  const role = pod.metadata.labels?.[label.observe] ?? ''
  const program = programs[role]
  const { podIP } = (pod.status ?? {}) as { podIP?: string }
  const key = keyOf(pod)
  if (!program || !podIP || servers.has(key)) return
  const server = createServer(listener(program.answers()))
  // An address is used again soon; whoever asks meanwhile meets silence, as with real Pods.
  server.on('error', () => servers.delete(key))
  servers.set(key, server.listen(program.port, podIP))
}

function close(servers: Map<string, Server>, key: string): void {
  const server = servers.get(key)
  servers.delete(key)
  server?.close()
  server?.closeAllConnections()
}

function listener(answers: Answers): RequestListener {
  return (request, response) => {
    const body = answers(`${request.method} ${request.url}`)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }
}

const programs: Record<string, { port: number; answers: () => Answers }> = {
  jvb: { port: 8080, answers: bridge },
  jicofo: { port: 8888, answers: () => jicofo },
  jibri: { port: 2222, answers: () => jibri },
}

function bridge(): Answers {
  const startup_time = Date.now()
  let drain_mode = false
  return path => {
    if (path.startsWith('POST /colibri/drain/')) {
      drain_mode = path.endsWith('enable')
      return {}
    }
    if (path === 'GET /about/version') return { version: '2.3.231-g1' }
    return {
      startup_time,
      drain_mode,
      healthy: true,
      shutting_down: false,
      mucs_joined: 1,
      stress: 0,
      local_endpoints: 0,
      conferences: 0,
    }
  }
}

const jicofo: Answers = () => ({
  conferences: 0,
  participants: 0,
  bridge_selector: { operational_bridge_count: 1 },
})

const jibri: Answers = () => ({ status: { busyStatus: 'IDLE' } })
