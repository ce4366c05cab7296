import type { Context } from './context.ts'
import type { Settings } from './environment.ts'

/** How prosody tells clients of the TURN server that the spec names. */
export function turnSettings({ spec: { turn } }: Context): Settings {
  if (!turn) return {}
  const credentials = turn.secret ? { TURN_CREDENTIALS: { secretKeyRef: turn.secret } } : {}
  return turn.tls
    ? { TURNS_HOST: turn.host, TURNS_PORT: String(turn.port ?? 5349), ...credentials }
    : { TURN_HOST: turn.host, TURN_PORT: String(turn.port ?? 3478), ...credentials }
}
