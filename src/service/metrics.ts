import { X509Certificate } from 'node:crypto'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { KeyPair } from './key-pair.ts'

/** The numbers that the service counts; one set for each app, nothing global. */
export interface Metrics {
  registry: Registry
  hookSeconds: Histogram<'hook' | 'result'>
  decisions: Counter<'reason'>
}

/**
 * Metrics of the hooks beside those of the process. Result is `ok`, `refused` or `error`. `tls` is
 * the certificate in use, if there is one.
 */
export function serviceMetrics(version: string, tls?: () => KeyPair): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'jitsi_operator_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1)
  if (tls) {
    new Gauge({
      name: 'jitsi_operator_certificate_expiry_timestamp_seconds',
      help: 'When the certificate of the hooks expires; Metacontroller calls none after that.',
      registers,
      collect() {
        this.set(Date.parse(new X509Certificate(tls().cert).validTo) / 1000)
      },
    })
  }
  return {
    registry,
    hookSeconds: new Histogram({
      name: 'jitsi_operator_hook_duration_seconds',
      help: 'Time from the request to the answer, by hook and result (ok, refused, error).',
      labelNames: ['hook', 'result'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    decisions: new Counter({
      name: 'jitsi_operator_decisions_total',
      help: 'What the plan decided, by reason; repeated at every call for which it holds.',
      labelNames: ['reason'],
      registers,
    }),
  }
}

/** How a call ended, from its HTTP status. */
export function resultOf(statusCode: number): 'ok' | 'refused' | 'error' {
  if (statusCode < 400) return 'ok'
  return statusCode < 500 ? 'refused' : 'error'
}
