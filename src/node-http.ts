/*
 * `node:http` as it is, but for its import: an import reads every member of the module, `WebSocket`
 * among them, and reading that one loads all of fetch. Nothing here needs it, and it costs 6 MB.
 */
export const { createServer, IncomingMessage, request } = process.getBuiltinModule('node:http')
