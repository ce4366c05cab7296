import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { BridgeFacts } from '../../src/api/facts.ts'
import type { Pod } from '../../src/kube/types.ts'

/** What a healthy, unused bridge says of itself. */
export const idleMetrics = {
  startup_time: 1_763_000_000_000,
  healthy: true,
  drain_mode: false,
  shutting_down: false,
  graceful_shutdown: false,
  mucs_joined: 1,
  stress: 0,
  local_endpoints: 0,
  conferences: 0,
  endpoints_total: 0,
  endpoints_ice_failed_total: 0,
  relays_ice_failed_total: 0,
}

export const start = new Date('2026-03-02T08:00:00Z')

/** The time so many seconds after the start of the test's day. */
export function after(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000)
}

/** The facts of an idle bridge, as an earlier look wrote them. */
export function writtenFacts(facts: Partial<BridgeFacts> = {}): BridgeFacts {
  return {
    reachable: true,
    since: '2026-03-02T08:00:00Z',
    at: '2026-03-02T08:00:00Z',
    startupTime: idleMetrics.startup_time,
    healthy: true,
    draining: false,
    shuttingDown: false,
    mucsJoined: 1,
    joinedSince: '2026-03-02T08:00:00Z',
    stress: 0,
    participants: 0,
    conferences: 0,
    emptySince: null,
    empty: false,
    endpointsTotal: 0,
    iceFailedTotal: 0,
    relayIceFailedTotal: 0,
    ...facts,
  }
}

interface PodShape {
  name?: string
  component?: string
  address?: string
  /** The container port named `private`. */
  port?: number
  phase?: string
  node?: string
  terminating?: boolean
  owned?: boolean
  annotations?: Record<string, string>
}

/** A Pod of ours as the observer gets it; a running bridge unless the shape says otherwise. */
export function observedPod(shape: PodShape = {}): Pod {
  const { component = 'jvb', phase = 'Running', owned = component === 'jvb' } = shape
  const metadata = {
    name: shape.name ?? 'meet-jvb-0',
    namespace: 'jitsi',
    labels: { 'app.kubernetes.io/managed-by': 'jitsi-operator', 'apps.jit.si/observe': component },
    annotations: shape.annotations ?? {},
    ...(shape.terminating && { deletionTimestamp: '2026-03-02T08:00:00Z' }),
    ...(owned && {
      ownerReferences: [
        {
          apiVersion: 'apps.jit.si/v1alpha1',
          kind: 'Jitsi',
          name: 'meet',
          uid: 'uid-of-meet',
          controller: true,
        },
      ],
    }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      containers: [
        {
          name: component,
          ...(shape.port !== undefined && {
            ports: [{ name: 'private', containerPort: shape.port }],
          }),
        },
      ],
      ...(shape.node !== undefined && { nodeName: shape.node }),
    },
    status: { phase, ...(shape.address !== undefined && { podIP: shape.address }) },
  }
}

/** A server on loopback for the time of one test; the calls that it got are listed. */
export async function serve(t: Test, answer: RequestListener, address = '127.0.0.1') {
  const calls: string[] = []
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>(listening => server.listen(0, address, listening))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, calls }
}

/** Answers each `METHOD /path` with its JSON, and everything else with 404. */
export function routes(table: Record<string, unknown>): RequestListener {
  return (request, response) => {
    const body = table[`${request.method} ${request.url}`]
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
}
