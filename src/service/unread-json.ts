/*
 * Half of a request is what nothing here reads, and costs more than the rest: field management
 * (`metadata.managedFields`) is objects with many keys, what Metacontroller applied last to a Pod is
 * that Pod once more, as a text, and a Node lists the images that it holds, as nothing else does
 * that we are shown. Metacontroller can't leave them out, so they are cut out of the bytes before
 * these are parsed. (What it applied last to other kinds is read where they are left as they are.)
 */

const [quote, comma, backslash, brace] = [...Buffer.from('",\\{')]

/** Where we are in what is cut out: how many brackets deep, in a text or not, behind a backslash. */
interface Place {
  depth: number
  inText: boolean
  escaped: boolean
}

const outside: Place = { depth: 0, inText: false, escaped: false }

/** What is cut out begins behind the first `kept` bytes of these, at this place. */
interface Opening {
  bytes: Buffer
  kept: number
  place: Place
}

const list: Place = { ...outside, depth: 1 }
const text: Place = { ...outside, inText: true }

/** Cuts out what comes after a key and its bracket, if it begins like this. */
function cutAfter(key: string, place: Place, beginning = ''): Opening {
  return { bytes: Buffer.from(key + beginning), kept: Buffer.byteLength(key), place }
}

const managedFields = cutAfter('"managedFields":[', list)

const openings: readonly Opening[] = [
  managedFields,
  cutAfter('"images":[', list, '{"names":['),
  cutAfter(
    '"metacontroller.k8s.io/last-applied-configuration":"',
    text,
    String.raw`{\"apiVersion\":\"v1\",\"kind\":\"Pod\",`,
  ),
]

/**
 * How field management ends where keys are sorted, as Go writes them. This is no part of a text:
 * within one a backslash is before each quotation mark, and behind one comes no letter.
 */
const endOfManagedFields = Buffer.from('}],"name":')

/**
 * Cuts out of JSON that arrives in pieces what stands in such lists and texts; they are empty then.
 * Each call takes the next piece and answers what is kept of it. JSON with spaces between its
 * tokens is left as it is, and so is what has its opening split between two pieces.
 */
export function unreadJsonCut(): (piece: Buffer) => Buffer[] {
  const place = { ...outside }
  return piece => {
    const nextOpening = openingsIn(piece)
    const usualEnd = usualEndIn(piece)
    const skip = (opening: Opening, from: number) =>
      (opening === managedFields ? usualEnd(from) : undefined) ??
      leave(piece, from, Object.assign(place, opening.place))
    const kept: Buffer[] = []
    let begin = leave(piece, 0, place)
    while (begin < piece.length) {
      const found = nextOpening(begin)
      const end = found ? found.at + found.opening.kept : piece.length
      kept.push(piece.subarray(begin, end))
      begin = found ? skip(found.opening, end) : end
    }
    return kept
  }
}

/** Answers the next opening from a position on, and where it is. */
function openingsIn(piece: Buffer) {
  const searches = openings.map(opening => ({
    opening,
    next: search(from => keyAt(piece, opening.bytes, from)),
  }))
  return (from: number) => {
    const found = searches.map(({ opening, next }) => ({ opening, at: next(from) }))
    const first = found.reduce((one, other) => (other.at < one.at ? other : one))
    return first.at < piece.length ? first : undefined
  }
}

/**
 * Answers the bracket that ends field management which begins at a position, if it is sure to be
 * that one: there is no list within. To look for bytes takes a third of counting brackets.
 */
function usualEndIn(piece: Buffer) {
  const next = search(from => positionOf(piece, endOfManagedFields, from))
  return (from: number) => {
    const end = next(from)
    if (end === piece.length) return undefined
    const within = piece.subarray(from, end)
    return within.includes('[') || within.includes(']') ? undefined : end + 1
  }
}

/** A search that goes on from where it found something last, so that no byte is looked at twice. */
function search(find: (from: number) => number) {
  let found = -1
  return (from: number) => {
    if (found < from) found = find(from)
    return found
  }
}

/** Where bytes are from a position on, or the length of the piece. */
function positionOf(piece: Buffer, bytes: Buffer, from: number): number {
  const at = piece.indexOf(bytes, from)
  return at < 0 ? piece.length : at
}

/** Where the key of an object is with what follows it, or the length of the piece. */
function keyAt(piece: Buffer, key: Buffer, from: number): number {
  for (let at = piece.indexOf(key, from); at >= 0; at = piece.indexOf(key, at + key.length)) {
    const before = piece[at - 1]
    if (before === comma || before === brace) return at
  }
  return piece.length
}

/** Goes on to the bracket or the quotation mark that ends it, or to the end of the piece. */
function leave(piece: Buffer, from: number, place: Place): number {
  if (place.depth === 0 && !place.inText) return from
  for (let at = from; at < piece.length; at++) {
    if (place.inText) at = leaveText(piece, at, place)
    else if (piece[at] === quote) place.inText = true
    else place.depth += stepOf(piece[at])
    if (place.depth === 0 && !place.inText) return at
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
  let { escaped } = place
  let at = from
  for (; at < piece.length && (escaped || piece[at] !== quote); at++) {
    escaped = !escaped && piece[at] === backslash
  }
  place.escaped = escaped
  place.inText = at === piece.length
  return at
}
