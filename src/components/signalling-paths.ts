import { childName } from '../kube/names.ts'
import type { Context } from './context.ts'
import { prosodyPorts } from './prosody.ts'

/** A path of the domain that something other than web answers. */
export interface SignallingPath {
  path: string
  service: string
  port: { name: string; number: number }
}

/**
 * Paths that an Ingress or a Gateway takes straight to prosody, where the spec says so: what rolls
 * web cuts no WebSocket then. Prosody takes the public name for its own, as for any other.
 */
export function directPaths({ instance, spec }: Context): SignallingPath[] {
  if (spec.web.signalling !== 'direct') return []
  const port = { name: 'http', number: prosodyPorts.http }
  const service = childName(instance, 'prosody')
  return ['/xmpp-websocket', '/http-bind'].map(path => ({ path, service, port }))
}
