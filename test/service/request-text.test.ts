import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import Fastify, { type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { requestText } from '../../src/service/request-text.ts'

const bodyLimit = 1000

/** A service that answers the text that it read, and shows the pieces that it was given. */
async function echo(t: Test, onPiece: (piece: Buffer) => void = () => {}) {
  const app = Fastify({ bodyLimit })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request: FastifyRequest, body: Readable) => {
    const read = requestText(request, body)
    body.on('data', onPiece)
    return read
  })
  app.post('/', async ({ body }) => ({ body }))
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

/** A client that says one thing after the other, and waits for each to have left. */
async function said(
  t: Test,
  words: readonly (string | Buffer)[],
  onPiece?: (piece: Buffer) => void,
) {
  const socket = connect({ port: await echo(t, onPiece), host: '127.0.0.1' })
  t.teardown(() => socket.destroy())
  socket.setNoDelay()
  await once(socket, 'connect')
  for (const word of words) {
    await new Promise(resolve => socket.write(word, resolve))
  }
  return text(socket)
}

const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n'
const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

t.test('a letter of several bytes may be split, and field management is left out', async t => {
  const body = Buffer.from('{"name":"é€😀","managedFields":[{"a":["]"]}],"end":1}')
  const pieces = [...body].map(byte => chunk(Buffer.from([byte])))
  const answer = await said(t, [
    `${head}Transfer-Encoding: chunked\r\n\r\n`,
    ...pieces,
    '0\r\n\r\n',
  ])
  const { body: read } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
  // One byte at a time splits the key as well, so the list stays; nothing else may change.
  t.equal(read, body.toString())
})

t.test('a body over the limit is refused, and the client is told', async t => {
  await t.test('before it comes, where its length is known', async t => {
    t.match(await said(t, [`${head}Content-Length: ${bodyLimit + 1}\r\n\r\n`]), /^HTTP\/1.1 413 /)
  })
  await t.test('as soon as it is too long, where it is not', async t => {
    const words = [
      `${head}Transfer-Encoding: chunked\r\n\r\n`,
      chunk(Buffer.alloc(bodyLimit, 'x')),
      chunk(Buffer.alloc(1, 'x')),
    ]
    t.match(await said(t, words), /^HTTP\/1.1 413 /)
  })
  await t.test('and one of exactly that length is read', async t => {
    const words = [`${head}Content-Length: ${bodyLimit}\r\n\r\n`, Buffer.alloc(bodyLimit, 'x')]
    t.match(await said(t, words), /^HTTP\/1.1 200 /)
  })
})

t.test('the memory of a piece is given back once it is read', async t => {
  const pieces: Buffer[] = []
  const words = [`${head}Content-Length: ${bodyLimit}\r\n\r\n`, Buffer.alloc(bodyLimit, 'x')]
  t.match(await said(t, words, piece => pieces.push(piece)), /^HTTP\/1.1 200 .*x{1000}/s)
  const kept = pieces.reduce((bytes, piece) => bytes + piece.buffer.byteLength, 0)
  t.equal(kept, 'transfer' in ArrayBuffer.prototype ? 0 : bodyLimit)
})

t.test('what a test sends in stays its own', async t => {
  const app = Fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', requestText)
  app.post('/', async ({ body }) => ({ body }))
  const payload = Buffer.alloc(100_000, 'x')
  const headers = { 'content-type': 'application/json' }
  const answer = await app.inject({ method: 'POST', url: '/', headers, payload })
  t.match(answer.json(), { body: /^x{100000}$/ })
  t.equal(payload.length, 100_000)
})
