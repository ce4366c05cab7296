import { createServer, type RequestListener, type Server } from 'node:http'
import { label } from '../../src/kube/annotations.ts'
import type { KubeClient, LiveObject } from './kube-client.ts'
import { Informer } from './stand-in/informer.ts'

/** What a program answers to `METHOD /path`; undefined is a 404. */
type Answers = (path: string) => unknown

/** Who answers at one address; kwok gives the address of a deleted Pod to another one soon. */
interface Program {
  uid: string | undefined
  server: Server
  answers: Answers
}

/**
 * Lets the Pods that the observer calls answer at their own addresses, which have to be loopback
 * addresses (the control plane's podCidr): healthy bridges, recorders and a jicofo, all of them
 * without any meeting. Returns how to end that.
 */
export async function answerForPods(client: KubeClient): Promise<() => void> {
  const resource = await client.discover('v1', ({ plural }) => plural === 'pods')
  if (!resource) throw new Error('no Pods in v1')
  const running = new Map<string, Program>()
  const pods = new Informer(client, resource)
  pods.listen(({ previous, current }) => {
    if (current) start(running, current)
    else if (previous) stop(running, previous)
  })
  return () => {
    pods.stop()
    for (const { server } of running.values()) close(server)
  }
}

function start(running: Map<string, Program>, pod: LiveObject): void {
  const role = roles[pod.metadata.labels?.[label.observe] ?? '']
  const { podIP, startTime = '' } = statusOf(pod)
  if (!role || !podIP) return
  const { uid } = pod.metadata
  const program = running.get(`${podIP}:${role.port}`)
  if (program?.uid === uid) return
  const answers = role.answers(Date.parse(startTime))
  if (program) {
    Object.assign(program, { uid, answers })
  } else {
    const server = createServer()
    const fresh: Program = { uid, server, answers }
    server.on('request', listener(fresh))
    server.listen(role.port, podIP)
    running.set(`${podIP}:${role.port}`, fresh)
  }
}

function stop(running: Map<string, Program>, pod: LiveObject): void {
  for (const [address, { uid, server }] of running) {
    if (uid !== pod.metadata.uid) continue
    running.delete(address)
    close(server)
  }
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}

function statusOf({ status }: LiveObject): { podIP?: string; startTime?: string } {
  return status ?? {}
}

function listener(program: Program): RequestListener {
  return (request, response) => {
    const body = program.answers(`${request.method} ${request.url}`)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }
}

const roles: Record<string, { port: number; answers: (startTime: number) => Answers }> = {
  jvb: { port: 8080, answers: bridge },
  jicofo: { port: 8888, answers: () => jicofo },
  jibri: { port: 2222, answers: () => jibri },
}

function bridge(startup_time: number): Answers {
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
