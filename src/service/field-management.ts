/*
 * Field management (`metadata.managedFields`) is a third of every request and nothing here reads
 * it. Metacontroller can't leave it out, and it costs more to parse than all the rest: it is made
 * of objects with many keys. So it is cut out of the bytes before they are parsed.
 */

const key = Buffer.from('"managedFields":[')
const [quote, comma, backslash, brace] = [...Buffer.from('",\\{')]

/**
 * The JSON without what stands in its lists of that name; they are empty then. It is written over
 * the given bytes. JSON with spaces between its tokens is left as it is.
 */
export function withoutFieldManagement(json: Buffer): Buffer {
  let [read, written] = [0, 0]
  const keep = (to: number) => {
    if (written < read) json.copyWithin(written, read, to)
    written += to - read
    read = to
  }
  for (let at = json.indexOf(key); at >= 0; at = json.indexOf(key, read)) {
    const begin = at + key.length
    keep(begin)
    const before = json[written - key.length - 1]
    const end = before === comma || before === brace ? endOfList(json, begin) : undefined
    if (end !== undefined) read = end
  }
  keep(json.length)
  return json.subarray(0, written)
}

/** Where the list ends that begins here; undefined where it does not end. */
function endOfList(json: Buffer, begin: number): number | undefined {
  let depth = 1
  for (let at = begin; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) at = endOfText(json, at + 1)
    else if (byte === 0x5b || byte === 0x7b) depth++
    else if ((byte === 0x5d || byte === 0x7d) && --depth === 0) return at
  }
  return undefined
}

/** Where the text ends that begins here: at its quotation mark, or where all ends. */
function endOfText(json: Buffer, begin: number): number {
  let at = begin
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return at
}
