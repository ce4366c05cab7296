import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Passwords that were made while answering; known so that no log line can hold them. */
    madePasswords: string[]
  }
  interface FastifyContextConfig {
    /** The hook's name in the metrics. */
    hook?: 'sync' | 'customize' | 'observe'
  }
}

/** The HTTP service that routes are added to. */
export type Service = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
