import { childName } from '../kube/names.ts'
import type { Context } from './context.ts'
import { type TurnAddress, turnAddress } from './coturn-address.ts'
import { isCopy } from './password-copies.ts'
import { turnKey } from './passwords.ts'
import type { Setting, TypedSetting } from './typed-settings.ts'

/** How prosody tells clients of the TURN server: ours, or the one that the spec names. */
export function turnSettings(context: Context): TypedSetting[] {
  const { turn, coturn } = context.spec
  if (coturn.enabled) return typed('spec.coturn', ownServer(context))
  if (!turn) return []
  const credentials = turn.secret ? { [turnKey]: { secretKeyRef: turn.secret } } : {}
  const server = turn.tls
    ? { TURNS_HOST: turn.host, TURNS_PORT: String(turn.port ?? 5349) }
    : { TURN_HOST: turn.host, TURN_PORT: String(turn.port ?? 3478) }
  return typed('spec.turn', { ...server, ...credentials })
}

/** Without an address nothing is said at all, so that prosody restarts once, when there is one. */
const unknown = {
  TURN_HOST: undefined,
  TURN_PORT: undefined,
  TURN_TRANSPORT: undefined,
  [turnKey]: undefined,
}

function ownServer(context: Context): Record<string, Setting> {
  const { host, ports, tls, exposure } = context.spec.coturn
  const address = turnAddress(context) ?? toldBefore(context)
  if (!address) return unknown
  return {
    TURN_HOST: address.hosts.join(','),
    TURN_PORT: String(address.port),
    // The Service carries TCP; a server in the network of its node takes both.
    TURN_TRANSPORT: exposure.type === 'HostNetwork' ? 'udp,tcp' : 'tcp',
    // A certificate is for a name, so without one there is no TLS to offer.
    ...(tls && host ? { TURNS_HOST: host, TURNS_PORT: String(ports.turns) } : {}),
    [turnKey]: { secretKeyRef: { name: context.passwords, key: turnKey } },
  }
}

/**
 * What prosody tells clients now of our server. An address that is lost for a moment, as when its
 * Service is made anew, must not restart prosody twice.
 */
function toldBefore(context: Context): TurnAddress | undefined {
  const prosody = context.observed.deployments.get(childName(context.instance, 'prosody'))
  const [container] = prosody?.spec?.template.spec?.containers ?? []
  const env = new Map((container?.env ?? []).map(({ name, ...rest }) => [name, rest]))
  const isOurs = isCopy(context, env.get(turnKey)?.valueFrom?.secretKeyRef?.name ?? '')
  const hosts = env.get('TURN_HOST')?.value
  return isOurs && hosts
    ? { hosts: hosts.split(','), port: Number(env.get('TURN_PORT')?.value) }
    : undefined
}

const typed = (field: string, settings: Record<string, Setting>): TypedSetting[] =>
  Object.entries(settings).map(([name, value]) => ({ name, value, field }))
