import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { errorCodes, type FastifyRequest } from 'fastify'
import { IncomingMessage } from '../node-http.ts'
import { unreadJsonCut } from './unread-json.ts'

/**
 * The text of a request's body, without what nothing here reads. It is decoded as it arrives:
 * whoever collects the bytes of 1,000 bridges first has them three times (pieces, whole, text), and
 * beyond 64 MB of bytes the garbage collector goes through all memory at every call.
 */
export function requestText({ headers, server }: FastifyRequest, body: Readable): Promise<string> {
  const limit = server.initialConfig.bodyLimit ?? 0
  const cut = unreadJsonCut()
  const decoder = new StringDecoder('utf8')
  let [received, text] = [0, '']
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    if (Number(headers['content-length']) > limit) return refuse()
    const onData = (piece: Buffer) => {
      received += piece.length
      if (received > limit) {
        // Not destroyed: the caller is still to hear why.
        body.off('data', onData)
        return refuse()
      }
      for (const kept of cut(piece)) text += decoder.write(kept)
      // Node made it for this event; what others send into it, as tests do, is theirs.
      if (body instanceof IncomingMessage) giveBack(piece)
    }
    body.on('data', onData)
    body.once('end', () => {
      // A listener that stays would hold the text until the answer is sent.
      body.off('data', onData).off('error', reject)
      resolve(text + decoder.end())
    })
    body.once('error', reject)
  })
}

/**
 * Gives memory back at once, which V8 does only when it collects young objects: of 1,000 bridges it
 * would keep one to two requests of 28 MB, and collect more often for their sake. Node 20 can't.
 */
function giveBack({ buffer, byteLength }: Buffer) {
  const memory: ArrayBufferLike & { transfer?(length: number): unknown } = buffer
  if (memory.byteLength === byteLength) memory.transfer?.(0)
}
