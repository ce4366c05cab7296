import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlPlane } from './control-plane.ts'
import { freePorts } from './programs.ts'
import { repositoryRoot } from './repository.ts'
import { until } from './until.ts'

/** The hook service as a process of its own. */
export interface Service {
  url: string
  /** Ends the process and starts another on the same port. */
  restart: () => Promise<void>
  /** Calls answered since the start, by hook: `sync`, `customize`, `observe`. */
  calls: (hook: string) => Promise<number>
}

/** Starts `jitsi-operator serve` (the compiled program) on loopback, with its rights on Nodes. */
export async function startService(plane: ControlPlane): Promise<Service> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const start = async () => {
    plane.programs.start('jitsi-operator', {
      path: process.execPath,
      args: [join(repositoryRoot, 'dist/cli.js'), 'serve'],
      env: { PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'info', ...apiOf(plane) },
    })
    await until('the service', async () => {
      await plane.programs.mustRun('jitsi-operator')
      return (await fetch(`${url}/readyz`)).ok
    })
  }
  await start()
  return {
    url,
    restart: async () => {
      await plane.programs.stop('jitsi-operator')
      await start()
    },
    calls: async hook => callsIn(await (await fetch(`${url}/metrics`)).text(), hook),
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
