import { createServer, type RequestListener, type Server } from 'node:http'
import { label } from '../../src/kube/annotations.ts'
import { isCode, type KubeClient, type LiveObject, referenceTo } from './kube-client.ts'
import { endsByItself } from './pod-stages.ts'
import { Informer } from './stand-in/informer.ts'

/** What plays the program in one kind of Pod. */
export interface Role {
  port: number
  /** Does one of its init containers still wait for something? Then it does not begin yet. */
  waits?: (pod: LiveObject) => boolean
  /** A Pod has its address: what answers there from now on. */
  begin: (pod: LiveObject) => RequestListener
  /** A Pod that ends by itself is deleted: its preStop hook, which calls back when it is through. */
  leave?: (pod: LiveObject, done: () => void) => void
  /** The Pod is deleted, or about to be: its program ends. */
  end?: (pod: LiveObject) => void
}

/** Roles by the label that the observer's controller selects by. */
export type Roles = Readonly<Record<string, Role>>

/** Who answers at one address; kwok gives the address of a deleted Pod to another one soon. */
interface Program {
  server: Server
  role: Role
  /** As it was last seen. */
  pod: LiveObject
}

/**
 * Lets the Pods that the observer calls answer at their own addresses, which have to be loopback
 * addresses (the control plane's podCidr). Returns how to end that.
 */
export async function answerForPods(
  client: KubeClient,
  roles: Roles = idleRoles,
): Promise<() => void> {
  const resource = await client.discover('v1', ({ plural }) => plural === 'pods')
  if (!resource) throw new Error('no Pods in v1')
  const running = new Map<string, Program>()
  const leaving = new Set<string>()
  const pods = new Informer(client, resource)
  pods.listen(({ previous, current }) => {
    if (current && !current.metadata.deletionTimestamp) start(running, current, roles)
    else if (current && endsByItself in (current.metadata.labels ?? {})) {
      leave(current, { running, leaving, client })
    } else stop(running, current ?? previous)
  })
  return () => {
    pods.stop()
    for (const { server } of running.values()) close(server)
  }
}

function start(running: Map<string, Program>, pod: LiveObject, roles: Roles): void {
  const role = roles[pod.metadata.labels?.[label.observe] ?? '']
  const { podIP, phase } = statusOf(pod)
  if (!role || !podIP || phase !== 'Running' || role.waits?.(pod)) return
  const address = `${podIP}:${role.port}`
  const program = running.get(address)
  const server = program?.server ?? createServer().listen(role.port, podIP)
  running.set(address, { server, role, pod })
  if (program?.pod.metadata.uid === pod.metadata.uid) return
  program?.role.end?.(program.pod)
  server.removeAllListeners('request').on('request', role.begin(pod))
}

interface Cluster {
  running: ReadonlyMap<string, Program>
  /** Uids of Pods that are told to stop. */
  leaving: Set<string>
  client: KubeClient
}

/** Its containers get the signal to stop, and run on as their preStop hooks say. */
function leave(pod: LiveObject, { running, leaving, client }: Cluster): void {
  const { uid = '' } = pod.metadata
  if (leaving.has(uid)) return
  leaving.add(uid)
  const done = () => end(client, pod)
  const program = [...running.values()].find(other => other.pod.metadata.uid === uid)
  if (program?.role.leave) program.role.leave(pod, done)
  else done()
}

/** What its kubelet does when its containers have ended. */
function end(client: KubeClient, pod: LiveObject): void {
  const removed = client.remove(referenceTo(pod), pod.metadata.uid, { gracePeriodSeconds: 0 })
  // Somebody else may have forced it away.
  removed.catch(error => {
    if (!isCode(error, 404, 409)) throw error
  })
}

function stop(running: Map<string, Program>, gone: LiveObject | undefined): void {
  for (const [address, { pod, server, role }] of running) {
    if (!gone || pod.metadata.uid !== gone.metadata.uid) continue
    running.delete(address)
    close(server)
    role.end?.(gone)
  }
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}

function statusOf({ status }: LiveObject): { podIP?: string; phase?: string; startTime?: string } {
  return status ?? {}
}

/** Healthy bridges, recorders and a jicofo, all of them without any meeting. */
const idleRoles: Roles = {
  jvb: { port: 8080, begin: pod => answering(bridge(Date.parse(statusOf(pod).startTime ?? ''))) },
  jicofo: { port: 8888, begin: () => answering(jicofo) },
  jibri: { port: 2222, begin: () => answering(jibri) },
}

/** What a program answers to `METHOD /path`; undefined is a 404. */
type Answers = (path: string) => unknown

function answering(answers: Answers): RequestListener {
  return (request, response) => {
    const body = answers(`${request.method} ${request.url}`)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }
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
