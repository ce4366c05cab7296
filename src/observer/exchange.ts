import type { IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { request as httpRequest } from '../node-http.ts'

/** Bytes: figures of a Pod take a few KiB; whoever may make Pods may make one that answers more. */
const largestBody = 64 * 1024

export interface Answer {
  status: number
  body: string
}

/**
 * One HTTP exchange, the whole of it under `options.signal`. node:http rather than fetch, because
 * it follows no redirect, refuses no port and takes a CA of its own. Rejects when the connection
 * breaks, the signal fires, or the body grows beyond so many bytes.
 */
export function exchange(
  url: string,
  options: RequestOptions,
  largest = largestBody,
): Promise<Answer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    // No kept connection: the address of a dead Pod soon belongs to another one.
    const call = send(url, { agent: false, ...options }, response => {
      bodyOf(response, largest).then(
        body => resolve({ status: response.statusCode ?? 0, body }),
        reject,
      )
    })
    call.on('error', reject)
    call.end()
  })
}

/** GET of JSON; rejects unless the answer is 200. */
export async function readJson(url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await exchange(url, { signal, headers: { accept: 'application/json' } })
  if (answer.status !== 200) throw new Error(`GET ${url} answered ${answer.status}, not 200`)
  return JSON.parse(answer.body)
}

async function bodyOf(response: IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    // Leaving the loop destroys the response, and with it the connection.
    if (size > largest) throw new Error(`the body is larger than ${largest} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
