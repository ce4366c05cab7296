import type { Bridge } from './bridge.ts'

/** `GET /metrics` of a bridge as JSON: numbers and booleans by name, without a prefix. */
export type Metrics = Record<string, number | boolean>

/** What the bridge says of itself; in the first 5 s after its start every gauge is still zero. */
export function metricsOf(bridge: Bridge, { now, epoch }: { now: number; epoch: Date }): Metrics {
  const conferences = bridge.conferences
  const remote = conferences.reduce((sum, { people }) => sum + people.size, 0)
  return {
    stress: bridge.measuredStress(now),
    local_endpoints: bridge.participants.size,
    conferences: conferences.length,
    current_endpoints: remote,
    current_visitors: 0,
    conferences_p2p: conferences.filter(({ people }) => people.size === 2).length,
    conferences_with_relay: conferences.filter(({ bridges }) => bridges.size > 1).length,
    endpoints_relayed: remote - bridge.participants.size,
    drain_mode: bridge.drain.latest,
    graceful_shutdown: bridge.graceful,
    shutting_down: bridge.shuttingDown,
    healthy: bridge.healthy,
    muc_clients_configured: 1,
    muc_clients_connected: bridge.joined.size > 0 ? 1 : 0,
    mucs_connected: 1,
    mucs_joined: bridge.mucsJoined(now),
    startup_time: bridge.startupTime(epoch),
    endpoints_total: bridge.totals.endpoints,
    endpoints_ice_failed_total: bridge.totals.iceFailed,
    endpoints_dtls_failed_total: 0,
    relays_ice_failed_total: bridge.totals.relayIceFailed,
    xmpp_disconnects_total: 0,
    incoming_packet_rate: bridge.participants.size * 100,
    outgoing_packet_rate: bridge.participants.size * 450,
  }
}
