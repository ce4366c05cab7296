import type { KubeObject } from '../kube/types.ts'
import { prometheusRule } from './alerts.ts'
import { etherpad, whiteboard } from './companion.ts'
import type { Context } from './context.ts'
import { coturn } from './coturn.ts'
import { httpRoute } from './http-route.ts'
import { ingress } from './ingress.ts'
import { jibri } from './jibri/objects.ts'
import { jicofo } from './jicofo.ts'
import { jigasi, transcriber } from './jigasi.ts'
import { monitors } from './monitors.ts'
import { networkPolicies } from './network-policies.ts'
import { overprovisioning } from './overprovisioning.ts'
import { prosody } from './prosody.ts'
import { transcriberProxy } from './transcriber-proxy.ts'
import { visitors } from './visitors.ts'
import { web } from './web.ts'

/** The components beside the bridges, in the order of the answer. */
const builders = [
  prosody,
  visitors,
  jicofo,
  web,
  jibri,
  jigasi,
  transcriber,
  transcriberProxy,
  coturn,
  etherpad,
  whiteboard,
  overprovisioning,
  ingress,
  httpRoute,
  networkPolicies,
  monitors,
  prometheusRule,
]

/** Every object of the components beside the bridges. */
export function signalling(context: Context): KubeObject[] {
  return builders.flatMap(build => build(context))
}
