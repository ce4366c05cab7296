import { Server as TlsServer } from 'node:https'
import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { observerEdges } from '../observer/edges.ts'
import { tokensIn } from '../service/bearer.ts'
import { keyPairIn } from '../service/key-pair.ts'
import { serviceLogger } from '../service/logging.ts'
import { tidyUpAtRest } from '../service/tidy-up.ts'
import { type WatchedFiles, watchFiles } from '../service/watched-files.ts'
import { inWords, Mistake } from './mistake.ts'

/** Longer than a request may take, shorter than the 30 s that Kubernetes waits. */
const stopMs = 15_000

/** Runs the hook service until a signal ends it; what is on its way then is still answered. */
export async function serve(config: Config, version: string): Promise<void> {
  const logger = serviceLogger(config.logLevel)
  const pair = await keyPair(config, logger)
  const tokens = await bearerTokens(config, logger)
  const app = buildApp({
    version,
    logger,
    limits: config.limits,
    edges: observerEdges(config.apiServer ? { apiServer: config.apiServer } : {}),
    ...(pair && { tls: pair.current }),
    ...(tokens && { tokens: tokens.current }),
  })
  tidyUpAtRest(app)
  pair?.onChange(renewed => {
    if (app.server instanceof TlsServer) app.server.setSecureContext(renewed)
    logger.info('a new certificate is in use')
  })
  tokens?.onChange(() => logger.info('new bearer tokens are in use'))
  // Not before an exit of its own accord: that is a start that failed, with its own exit code.
  closeWithGrace(
    { delay: stopMs, logger: false, skip: ['beforeExit'] },
    async ({ err, signal }) => {
      if (err) logger.fatal({ err }, 'stopping: nobody caught this error')
      else logger.info({ signal }, 'stopping')
      await app.close()
    },
  )
  if (!tokens && !isLoopback(config.host)) {
    logger.warn('the hooks are open to whoever reaches this port; TOKEN_FILE asks for a token')
  }
  const { host, port } = config
  const listenTextResolver = (address: string) =>
    `listening at ${pair ? address.replace(/^http:/, 'https:') : address}`
  await listening(app.listen({ host, port, listenTextResolver }), config)
}

async function keyPair({ tls, reloadMs: everyMs }: Config, logger: Logger) {
  if (tls === undefined) return undefined
  const watching = watchFiles([tls.certFile, tls.keyFile], {
    read: keyPairIn,
    everyMs,
    onProblem: err => logger.error({ err }, 'the new certificate is unusable; the old one stays'),
  })
  return usable(watching, `TLS_CERT_FILE=${tls.certFile} TLS_KEY_FILE=${tls.keyFile}`)
}

async function bearerTokens({ tokenFile, reloadMs: everyMs }: Config, logger: Logger) {
  if (tokenFile === undefined) return undefined
  const watching = watchFiles([tokenFile], {
    read: ([text = '']) => tokensIn(text),
    everyMs,
    onProblem: err => logger.error({ err }, 'the new token file is unusable; the old tokens stay'),
  })
  return usable(watching, `TOKEN_FILE=${tokenFile}`)
}

async function usable<T>(watching: Promise<WatchedFiles<T>>, setting: string) {
  try {
    return await watching
  } catch (problem) {
    const { path } = problem as NodeJS.ErrnoException
    throw new Mistake(`${setting}: ${path === undefined ? '' : `${path}: `}${inWords(problem)}`)
  }
}

async function listening(listen: Promise<string>, { host, port }: Config) {
  try {
    await listen
  } catch (problem) {
    throw new Mistake(`HOST=${host} PORT=${port}: cannot listen: ${inWords(problem)}`)
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
