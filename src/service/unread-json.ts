import { keyAt, type Landmark, landmark, positionOf, search } from './landmark.ts'

/*
 * Half of a request is what nothing here reads, and costs more than the rest: field management
 * (`metadata.managedFields`) is objects with many keys, what Metacontroller applied last to a Pod
 * is that Pod once more, as a text, and a Node lists the images that it holds, as nothing else does
 * that we are shown. Metacontroller can't leave them out, so they are cut out of the bytes before
 * these are parsed. (What it applied last to other kinds is read where they are left as they are.)
 */

const code = (character: string) => character.charCodeAt(0)

const quote = code('"')
const backslash = code('\\')
const openBrace = code('{')
const closeBrace = code('}')
const openBracket = code('[')
const closeBracket = code(']')

/**
 * Where we are in what is cut out: how many brackets deep, in a text or not, behind a backslash.
 */
interface Place {
  depth: number
  inText: boolean
  escaped: boolean
}

const outside: Place = { depth: 0, inText: false, escaped: false }

/** What is cut out begins behind the first `kept` bytes of its landmark, at this place. */
interface Opening extends Landmark {
  kept: number
  place: Place
  /**
   * Answers for a piece where what begins at a position ends, if that can be told by looking for
   * bytes.
   */
  usualEnd?: (piece: Buffer) => (from: number) => number | undefined
}

const inList: Place = { ...outside, depth: 1 }
const inText: Place = { ...outside, inText: true }

/** Cuts out what comes after a key and its bracket or quotation mark, if it begins like this. */
function cutAfter(key: string, beginning: string, probe: string): Opening {
  return {
    ...landmark(key + beginning, probe),
    kept: Buffer.byteLength(key),
    place: key.endsWith('[') ? inList : inText,
  }
}

const openings: readonly Opening[] = [
  { ...cutAfter('"managedFields":[', '{"apiVersion":"', '[{"api'), usualEnd: managedFieldsEndIn },
  cutAfter('"images":[', '{"names":[', '[{"nam'),
  {
    ...cutAfter(
      '"metacontroller.k8s.io/last-applied-configuration":"',
      String.raw`{\"apiVersion\":\"v1\",\"kind\":\"Pod\",`,
      '/last-a',
    ),
    usualEnd: textEndIn,
  },
]

/**
 * How field management ends where keys are sorted, as Go writes them. This is no part of a text:
 * within one a backslash is before each quotation mark, and behind one comes no letter.
 */
const endOfManagedFields = landmark('}],"name":', '],"name')

/** What is before a text: a comma, unless it is the first one in its object or its list. */
const commaBeforeText = Buffer.from(',"')
const firstTexts = [Buffer.from('{"'), Buffer.from('["')]

/**
 * Cuts out of JSON that arrives in pieces what stands in such lists and texts; they are empty then.
 * Each call takes the next piece and answers what is kept of it. JSON with spaces between its
 * tokens is left as it is, and so is what has its opening split between two pieces.
 */
export function unreadJsonCut(): (piece: Buffer) => Buffer[] {
  const place = { ...outside }
  return piece => {
    const nextOpening = openingsIn(piece)
    const skip = ({ opening, usualEnd }: Found, from: number) =>
      usualEnd?.(from) ?? leave(piece, from, Object.assign(place, opening.place))
    const kept: Buffer[] = []
    let begin = leave(piece, 0, place)
    while (begin < piece.length) {
      const found = nextOpening(begin)
      const end = found ? found.at + found.opening.kept : piece.length
      kept.push(piece.subarray(begin, end))
      begin = found ? skip(found, end) : end
    }
    return kept
  }
}

/** Where an opening is in a piece, and how its end is found there. */
interface Found {
  opening: Opening
  usualEnd: ReturnType<NonNullable<Opening['usualEnd']>> | undefined
  at: number
}

/** Answers the next opening from a position on. */
function openingsIn(piece: Buffer): (from: number) => Found | undefined {
  const searches = openings.map(opening => ({
    opening,
    usualEnd: opening.usualEnd?.(piece),
    next: search(from => keyAt(piece, opening, from)),
  }))
  return from => {
    const found = searches.map(({ next, ...found }) => ({ ...found, at: next(from) }))
    const first = found.reduce((one, other) => (other.at < one.at ? other : one))
    return first.at < piece.length ? first : undefined
  }
}

/**
 * Answers the bracket that ends field management which begins at a position, if it is sure to be
 * that one: there is no list within. To look for bytes is much faster than to count brackets.
 */
function managedFieldsEndIn(piece: Buffer) {
  const next = search(from => positionOf(piece, endOfManagedFields, from))
  return (from: number) => {
    const end = next(from)
    if (end === piece.length) return undefined
    const within = piece.subarray(from, end)
    return within.includes(openBracket) || within.includes(closeBracket) ? undefined : end + 1
  }
}

/**
 * Answers the quotation mark that ends a text which begins at a position, if it is sure to be that
 * one. Within a text no quotation mark is without a backslash, so the first one behind a comma
 * begins the text that comes next, unless that one is the first of an object or of a list.
 */
function textEndIn(piece: Buffer) {
  return (from: number) => {
    let end = piece.indexOf(commaBeforeText, from) - 1
    while (stepOf(piece[end]) < 0) end -= 1
    if (piece[end] !== quote || piece[end - 1] === backslash) return undefined
    // With the mark itself: it may be the first one of a text such as `},`, which ends in a comma.
    const within = piece.subarray(from, end + 1)
    return firstTexts.some(first => within.includes(first)) ? undefined : end
  }
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
  if (byte === openBrace || byte === openBracket) return 1
  return byte === closeBrace || byte === closeBracket ? -1 : 0
}

/** Goes on to the quotation mark that ends the text, or to the end of the piece. */
function leaveText(piece: Buffer, from: number, place: Place): number {
  const end = piece.length
  let at = place.escaped ? from + 1 : from
  while (at < end && piece[at] !== quote) at += piece[at] === backslash ? 2 : 1
  place.escaped = at > end
  place.inText = at >= end
  return Math.min(at, end)
}
