import type { IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { request as httpRequest } from '../node-http.ts'

/** The metrics of a bridge take a few KiB, a Node up to some hundred (its images). */
const largestBody = 4 * 1024 * 1024

export interface Answer {
  status: number
  body: string
}

/**
 * One HTTP exchange, the whole of it under `options.signal`. node:http rather than fetch, because
 * it follows no redirect, refuses no port and takes a CA of its own. Rejects when the connection
 * breaks, the signal fires, or the body grows beyond 4 MiB.
 */
export function exchange(url: string, options: RequestOptions): Promise<Answer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    // No kept connection: the address of a dead Pod soon belongs to another one.
    const call = send(url, { agent: false, ...options }, response => {
      bodyOf(response).then(body => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    call.on('error', reject)
    call.end()
  })
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    // Leaving the loop destroys the response, and with it the connection.
    if (size > largestBody) throw new Error(`the body is larger than ${largestBody} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
