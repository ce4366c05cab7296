import type { RequestListener, Server, ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer } from '../node-http.ts'
import type { KeyPair } from './key-pair.ts'
import type { Limits } from './limits.ts'

/** The HTTP(S) server below the routes: every time-out against slow and silent clients is here. */
export function limitedServer(listener: RequestListener, limits: Limits, tls?: KeyPair): Server {
  const options: ServerOptions = {
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    // Node looks for late requests only every 30 s by default.
    connectionsCheckingInterval: Math.min(1000, limits.requestMs),
  }
  const server = tls
    ? createTlsServer({ ...options, ...tls, handshakeTimeout: limits.requestMs }, listener)
    : createServer(options, listener)
  // Silence during a request or before the first one; between requests keepAliveTimeout counts.
  server.setTimeout(limits.requestMs)
  return server
}
