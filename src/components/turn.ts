import type { Context } from './context.ts'
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

function ownServer(context: Context): Record<string, Setting> {
  const { host = '', ports, tls, exposure } = context.spec.coturn
  return {
    TURN_HOST: host,
    TURN_PORT: String(ports.turn),
    // The Service carries TCP; a server in the network of its node takes both.
    TURN_TRANSPORT: exposure.type === 'HostNetwork' ? 'udp,tcp' : 'tcp',
    ...(tls ? { TURNS_HOST: host, TURNS_PORT: String(ports.turns) } : {}),
    [turnKey]: { secretKeyRef: { name: context.passwords, key: turnKey } },
  }
}

const typed = (field: string, settings: Record<string, Setting>): TypedSetting[] =>
  Object.entries(settings).map(([name, value]) => ({ name, value, field }))
