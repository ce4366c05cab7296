import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { loggedError } from '../service/logging.ts'
import { deepestNesting, isNestedTooDeeply } from '../service/nesting.ts'
import { secretTexts } from '../service/secret-texts.ts'

/**
 * Answers for whatever went wrong on the way. Either the request is not what the hook's contract
 * says, then the caller is told what is; or an error was thrown, then it is a bug: the log has it,
 * the caller learns nothing of the inside, and Metacontroller changes nothing.
 */
export function failureAnswer(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof RangeError && isNestedTooDeeply(request.body)) {
    const message = `The request is nested more than ${deepestNesting} levels deep.`
    request.log.warn({ message }, 'request refused')
    return reply.code(400).send({ error: 'BadRequest', message })
  }
  if (!isCallersMistake(error, request)) {
    const secrets = [
      ...secretTexts(request.body),
      ...request.madePasswords,
      ...secretHeaders(request.headers),
    ]
    request.log.error({ err: loggedError(error, secrets) }, 'a bug: nothing is changed')
    return reply.code(500).send({
      error: 'InternalError',
      message: `This is a bug of jitsi-operator. Nothing was changed; its log tells more at request ${request.id}.`,
    })
  }
  const message = lesson(error, request)
  request.log.warn({ status: error.statusCode, code: error.code, message }, 'request refused')
  return reply.code(error.statusCode ?? 400).send({ error: 'BadRequest', message })
}

/**
 * Only the framework's own judgement counts, or a body that broke off: an error that was thrown
 * by the plan may carry any code and status.
 */
function isCallersMistake(error: FastifyError, { raw }: FastifyRequest): boolean {
  const { code, statusCode = 500 } = error
  return raw.errored === error || (isOfFramework(code) && statusCode < 500)
}

function isOfFramework(code: unknown): boolean {
  return typeof code === 'string' && code.startsWith('FST_ERR_')
}

function secretHeaders({ authorization = '', cookie = '' }: FastifyRequest['headers']): string[] {
  return [cookie, ...authorization.split(' ')]
}

/** What is wrong and what is right. Paths and names only: a value may be a secret. */
function lesson(error: FastifyError, { routeOptions, server }: FastifyRequest): string {
  const path = routeOptions.url ?? ''
  const hook = path.startsWith('/jitsi/') ? path.slice('/jitsi/'.length) : 'sync'
  switch (error.code) {
    case 'FST_ERR_VALIDATION':
      return `This is not a request of Metacontroller's v2 ${hook} hook: ${error.message}. Post the JSON that Metacontroller posts, with its ${path === '/observe' ? '"object"' : '"parent"'}.`
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return `${path} reads JSON only: send the header "content-type: application/json".`
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `The body is larger than the ${server.initialConfig.bodyLimit} bytes of BODY_LIMIT.`
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return `The body is not JSON; ${path} takes the JSON that Metacontroller posts.`
    default:
      return `The request could not be read (${error.code}).`
  }
}
