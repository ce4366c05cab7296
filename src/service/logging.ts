import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { withoutSecrets } from './secret-texts.ts'

/**
 * An error as it may be logged: nothing of it but these fields, its own properties least of all.
 */
export interface LoggedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: LoggedError
}

const deepestCause = 5

/** The loggable part of anything that was thrown, without the given secret texts. */
export function loggedError(
  thrown: unknown,
  secrets: Iterable<string> = [],
  depth = 0,
): LoggedError {
  if (!(thrown instanceof Error)) {
    // Whatever it is, it can be a secret itself.
    return { type: typeof thrown, message: 'something was thrown that is no Error' }
  }
  const hidden = [...secrets]
  const { code, cause } = thrown as Error & { code?: unknown }
  return {
    type: thrown.name,
    message: withoutSecrets(thrown.message, hidden),
    ...(typeof code === 'string' && { code: withoutSecrets(code, hidden) }),
    ...(thrown.stack !== undefined && { stack: withoutSecrets(thrown.stack, hidden) }),
    ...(cause !== undefined &&
      depth < deepestCause && { cause: loggedError(cause, hidden, depth + 1) }),
  }
}

/**
 * The service's logger: JSON lines on standard output. Requests and answers are reduced to method,
 * route and status whoever logs them, so that no header and no body can slip in.
 */
export function serviceLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: ['authorization', '*.authorization', 'headers', '*.headers', 'body', '*.body'],
      serializers: {
        err: (err: unknown) => (err instanceof Error ? loggedError(err) : err),
        req: (req: { method?: string; routeOptions?: { url?: string } }) => ({
          method: req.method,
          route: req.routeOptions?.url,
        }),
        res: (res: { statusCode?: number }) => ({ statusCode: res.statusCode }),
      },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  )
}
