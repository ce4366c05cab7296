import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'

/**
 * Cluster DNS for a program outside of the cluster: an HTTP proxy that opens a tunnel to one
 * loopback port for every `….svc` name. The client still sees, and checks, the name that it asked
 * for. Close it with `close()` and `closeAllConnections()`.
 */
export async function startNameProxy(port: number): Promise<{ url: string; server: Server }> {
  const server = createServer((_, answer) => {
    answer.writeHead(405).end()
  })
  server.on('connect', (request, client) => {
    client.on('error', () => client.destroy())
    if (!/\.svc:\d+$/.test(request.url ?? '')) {
      client.end('HTTP/1.1 502 Unknown name\r\n\r\n')
      return
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${own}`, server }
}
