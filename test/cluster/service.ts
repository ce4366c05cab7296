import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AppOptions, buildApp } from '../../src/app.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { observerEdges } from '../../src/observer/edges.ts'
import { inClusterApi } from '../../src/observer/node-reader.ts'
import { observe } from '../../src/observer/observe.ts'
import type { Clock } from './clock.ts'
import type { ControlPlane } from './control-plane.ts'
import { freePorts } from './programs.ts'
import { repositoryRoot } from './repository.ts'
import { until } from './until.ts'

/** The hook service. */
export interface Service {
  url: string
  /** The certificate that a service with TLS is known by. */
  ca?: string
  /** Ends it and starts another on the same port. */
  restart: () => Promise<void>
  stop: () => Promise<void>
  /** Calls answered since the start, by hook: `sync`, `customize`, `observe`. */
  calls: (hook: string) => Promise<number>
}

/** The service as a process of its own, which can be killed. */
export interface ServiceProcess extends Service {
  /** Its name among the programs of the control plane. */
  program: string
  /** Resolves when it is ready to be asked. */
  ready: () => Promise<void>
}

/** The calls of a hook that the service at a URL has answered. */
const callsAt = (url: string) => async (hook: string) =>
  callsIn(await (await fetch(`${url}/metrics`)).text(), hook)

/**
 * Starts `jitsi-operator serve` (the program as built, or another version of it) on loopback, with
 * its rights on Nodes.
 */
export async function startService(
  plane: ControlPlane,
  { program = 'jitsi-operator', cli = join(repositoryRoot, 'dist/cli.js') } = {},
): Promise<ServiceProcess> {
  const { programs } = plane
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const stop = () => programs.stop(program)
  const ready = () =>
    until('the service', async () => {
      await programs.mustRun(program)
      return (await fetch(`${url}/readyz`)).ok
    }).then(() => {})
  programs.start(program, {
    path: process.execPath,
    args: [cli, 'serve'],
    env: { PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'info', ...apiOf(plane) },
  })
  await ready()
  return {
    url,
    program,
    ready,
    restart: async () => {
      await stop()
      programs.again(program)
      await ready()
    },
    stop,
    calls: callsAt(url),
  }
}

/**
 * The same service within this process, where plan and observer go by a clock of ours; `parts`
 * are what else it is made of.
 */
export function startServiceBy(
  clock: Clock,
  parts: (plane: ControlPlane) => Pick<AppOptions, 'tls' | 'loadEdges'> = () => ({}),
): (plane: ControlPlane) => Promise<Service> {
  return async plane => {
    const [port = 0] = await freePorts(1)
    const apiServer = inClusterApi(apiOf(plane))
    const own = parts(plane)
    const edges = observerEdges(apiServer ? { apiServer } : {})
    const start = async () => {
      const app = buildApp({
        ...own,
        version: 'by a clock of ours',
        edges,
        observe: request => {
          const { namespace } = request.object.metadata
          return observe(request, { ...edges, now: () => clock.nowIn(namespace) })
        },
        reconcile: (request, inputs) =>
          reconcile(request, { ...inputs, now: clock.nowIn(request.parent.metadata.namespace) }),
      })
      await app.listen({ host: '127.0.0.1', port })
      return app
    }
    let app = await start()
    const ca = own.tls?.().cert
    return {
      url: `${ca ? 'https' : 'http'}://127.0.0.1:${port}`,
      ...(ca ? { ca } : {}),
      restart: async () => {
        await app.close()
        app = await start()
      },
      stop: () => app.close(),
      calls: async hook => callsIn((await app.inject('/metrics')).body, hook),
    }
  }
}

/** What a kubelet would give its Pod. */
function apiOf(plane: ControlPlane): Record<string, string> {
  const { server, token, ca } = plane.access('service')
  const { hostname, port } = new URL(server)
  const folder = join(plane.folder, 'service-account')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 })
  writeFileSync(join(folder, 'ca.crt'), ca)
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    SERVICE_ACCOUNT_FOLDER: folder,
  }
}

function callsIn(metrics: string, hook: string): number {
  return metrics
    .split('\n')
    .filter(line => line.startsWith('jitsi_operator_hook_duration_seconds_count'))
    .filter(line => line.includes(`hook="${hook}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
