import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type ApiServer, inClusterApi } from './observer/node-reader.ts'
import { defaultLimits, type Limits } from './service/limits.ts'

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Every environment variable of the service; the description says what is allowed. */
export const Settings = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 8080,
    description: 'a TCP port from 0 (any free one) to 65535',
  }),
  HOST: Type.String({
    pattern: '^[-A-Za-z0-9.:_]+$',
    default: '127.0.0.1',
    description: 'an address or host name to listen on, 0.0.0.0 or :: for all',
  }),
  LOG_LEVEL: Type.Union(
    levels.map(level => Type.Literal(level)),
    { default: 'info', description: `one of ${levels.join(', ')}` },
  ),
  TLS_CERT_FILE: Type.Optional(
    Type.String({ description: 'the file of a PEM certificate chain; goes with TLS_KEY_FILE' }),
  ),
  TLS_KEY_FILE: Type.Optional(
    Type.String({ description: 'the file of its PEM private key; goes with TLS_CERT_FILE' }),
  ),
  TOKEN_FILE: Type.Optional(
    Type.String({ description: 'a file of bearer tokens for the hooks, one a line' }),
  ),
  RELOAD_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 3600,
    default: 10,
    description: 'seconds between two looks at these files, from 1 to 3600',
  }),
  BODY_LIMIT: Type.Integer({
    minimum: 1024,
    maximum: 1024 ** 3,
    default: defaultLimits.bodyBytes,
    description: 'bytes of the largest request, from 1024 to 1073741824',
  }),
  REQUEST_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 300,
    default: defaultLimits.requestMs / 1000,
    description:
      'seconds for a request to arrive, from 1 to 300; keep it below the time-out of the webhooks',
  }),
})

/** What `serve` runs with. */
export interface Config {
  port: number
  host: string
  logLevel: string
  tls?: { certFile: string; keyFile: string }
  tokenFile?: string
  reloadMs: number
  limits: Pick<Limits, 'bodyBytes' | 'requestMs'>
  /** Where to ask about Nodes; none outside of a cluster. */
  apiServer?: ApiServer
}

/** Mistakes in the environment: one line each, with variable, value and what is allowed. */
export class ConfigMistake extends Error {}

type Environment = Record<string, string | undefined>

/** Reads the service's settings; an empty variable counts as unset. Throws a ConfigMistake. */
export function readConfig(env: Environment = process.env): Config {
  const mistakes: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries<TSchema>(Settings.properties)) {
    const text = env[name] || undefined
    const value = text === undefined ? schema.default : settingOf(schema, text)
    if (value === undefined || Value.Check(schema, value)) values[name] = value
    else mistakes.push(`${name}=${JSON.stringify(text)}: allowed is ${schema.description}`)
  }
  mistakes.push(...halfPairs(values))
  if (mistakes.length > 0) throw new ConfigMistake(mistakes.join('\n'))
  return configOf(values as Static<typeof Settings>, inClusterApi(env))
}

/** A number only where one is wanted and only if written as one: `true` is no port. */
function settingOf({ type }: TSchema, text: string): unknown {
  return type === 'integer' && /^\d+$/.test(text) ? Number(text) : text
}

function halfPairs(values: Record<string, unknown>): string[] {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = values
  if ((certFile === undefined) === (keyFile === undefined)) return []
  const [set, unset] = certFile ? ['CERT', 'KEY'] : ['KEY', 'CERT']
  const value = JSON.stringify(certFile ?? keyFile)
  return [`TLS_${set}_FILE=${value} without TLS_${unset}_FILE: set both, or neither for plain HTTP`]
}

function configOf(values: Static<typeof Settings>, apiServer: ApiServer | undefined): Config {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TOKEN_FILE: tokenFile } = values
  return {
    port: values.PORT,
    host: values.HOST,
    logLevel: values.LOG_LEVEL,
    reloadMs: values.RELOAD_SECONDS * 1000,
    limits: { bodyBytes: values.BODY_LIMIT, requestMs: values.REQUEST_SECONDS * 1000 },
    ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(apiServer && { apiServer }),
  }
}
