/*
 * Field management (`metadata.managedFields`) is a third of every request and nothing here reads
 * it. Metacontroller can't leave it out, and it costs more to parse than all the rest: it is made
 * of objects with many keys. So it is cut out of the bytes before they are parsed.
 */

const key = Buffer.from('"managedFields":[')
const [quote, comma, backslash, brace] = [...Buffer.from('",\\{')]

/**
 * Cuts out of JSON that arrives in pieces what stands in its lists of that name; they are empty
 * then. Each call takes the next piece and answers what is kept of it. JSON with spaces between its
 * tokens is left as it is, and so is a list whose key is split between two pieces.
 */
export function fieldManagementCut(): (piece: Buffer) => Buffer[] {
  const place: Place = { depth: 0, inText: false, escaped: false }
  return piece => {
    const kept: Buffer[] = []
    let begin = place.depth > 0 ? leaveList(piece, 0, place) : 0
    while (begin < piece.length) {
      const end = beginOfList(piece, begin)
      kept.push(piece.subarray(begin, end ?? piece.length))
      if (end === undefined) break
      place.depth = 1
      begin = leaveList(piece, end, place)
    }
    return kept
  }
}

/** Where in such a list we are: how many brackets deep, in a text or not, behind a backslash. */
interface Place {
  depth: number
  inText: boolean
  escaped: boolean
}

/** Where the next list begins, behind its bracket. */
function beginOfList(piece: Buffer, from: number): number | undefined {
  for (let at = piece.indexOf(key, from); at >= 0; at = piece.indexOf(key, at + key.length)) {
    const before = piece[at - 1]
    if (before === comma || before === brace) return at + key.length
  }
  return undefined
}

/** Goes on to the bracket that ends the list, or to the end of the piece. */
function leaveList(piece: Buffer, from: number, place: Place): number {
  for (let at = from; at < piece.length; at++) {
    if (place.inText) at = leaveText(piece, at, place)
    else if (piece[at] === quote) place.inText = true
    else place.depth += stepOf(piece[at])
    if (place.depth === 0) return at
  }
  return piece.length
}

/** One deeper, one less deep, or neither. */
function stepOf(byte: number | undefined): number {
  if (byte === 0x5b || byte === 0x7b) return 1
  return byte === 0x5d || byte === 0x7d ? -1 : 0
}

/** Goes on to the quotation mark that ends the text, or to the end of the piece. */
function leaveText(piece: Buffer, from: number, place: Place): number {
  let at = from
  for (; at < piece.length && (place.escaped || piece[at] !== quote); at++) {
    place.escaped = !place.escaped && piece[at] === backslash
  }
  place.inText = at === piece.length
  return at
}
