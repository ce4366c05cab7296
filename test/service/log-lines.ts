import { Writable } from 'node:stream'

/** A place to log to that keeps every line. */
export function logLines() {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      destination.emit('line')
      done()
    },
  })
  return { lines, destination, text: () => lines.join('') }
}
