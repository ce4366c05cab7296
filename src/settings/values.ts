/** What a value has to look like, and the same in words. */
export interface Rule {
  pattern: RegExp
  words: string
}

const oneOf = (...values: string[]): Rule => ({
  pattern: new RegExp(`^(${values.join('|')})$`),
  words: values.join(', '),
})

const heap: Rule = {
  pattern: /^[0-9]+[kKmMgG]?$/,
  words: 'a size as the JVM has it, such as 3072m or 8g',
}
const address: Rule = { pattern: /^https?:\/\/\S+$/, words: 'an address with http:// or https://' }
const count: Rule = { pattern: /^[0-9]+$/, words: 'a whole number' }
const login = oneOf('internal', 'jwt', 'ldap', 'matrix', 'hybrid_matrix_token')

/**
 * Settings that are texts to the images, and of which another text does something else than it
 * says: another way to log in, a program that does not start. Gathered from the images' templates.
 */
export const valueRules: Readonly<Record<string, Rule>> = {
  AUTH_TYPE: login,
  BWE_ESTIMATOR_ENGINE: oneOf('GoogleCc', 'GoogleCc2'),
  ETHERPAD_URL_BASE: address,
  GC_TYPE: oneOf('incremental', 'generational'),
  JIBRI_RECORDING_RESOLUTION: { pattern: /^[0-9]+x[0-9]+$/, words: 'a size such as 1280x720' },
  JICOFO_MAX_MEMORY: heap,
  JIGASI_MAX_MEMORY: heap,
  JWT_SIGN_TYPE: oneOf('HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512'),
  LDAP_AUTH_METHOD: oneOf('bind', 'custom', 'fastbind'),
  LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error'),
  MAX_PARTICIPANTS: count,
  NGINX_WORKER_PROCESSES: { pattern: /^([0-9]+|auto)$/, words: 'a whole number, or auto' },
  OCTO_BRIDGE_SELECTION_STRATEGY: oneOf(
    'SingleBridgeSelectionStrategy',
    'SplitBridgeSelectionStrategy',
    'RegionBasedBridgeSelectionStrategy',
    'IntraRegionBridgeSelectionStrategy',
  ),
  PROSODY_AUTH_TYPE: login,
  PROSODY_C2S_LIMIT: { pattern: /^[0-9]+([kmgKMG])?[bB]\/s$/, words: 'a rate such as 10kb/s' },
  RTCSTATS_URL_BASE: address,
  TURN_TRANSPORT: { pattern: /^(udp|tcp)(,(udp|tcp))*$/, words: 'udp, tcp, or udp,tcp' },
  VIDEOBRIDGE_MAX_MEMORY: heap,
  VISITORS_MAX_PARTICIPANTS: count,
  WHITEBOARD_COLLAB_SERVER_URL_BASE: address,
}
