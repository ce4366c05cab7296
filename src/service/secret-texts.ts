/*
 * What must never reach a log line. Log lines hold names, numbers and reason constants, with one
 * exception: the message and stack of a thrown error, which can quote anything that was in the
 * request. So these texts are cut out of it.
 */

const shortestSecret = 3
const shortestSpecText = 6

/**
 * Every text of a hook request that may be secret: the values of all Secrets in it, encoded and
 * decoded, and every longer text of the parent's spec, where people put passwords as well.
 */
export function secretTexts(request: unknown): Set<string> {
  const found = new Set<string>()
  walk(request, object => {
    if (object.kind !== 'Secret') return
    addTexts(found, object.data, shortestSecret)
    addTexts(found, object.stringData, shortestSecret)
  })
  for (const text of [...found]) found.add(Buffer.from(text, 'base64').toString('utf8'))
  addTexts(found, asObject(asObject(request)?.parent)?.spec, shortestSpecText)
  return found
}

/** Replaces every secret text, plain or base64, the longest first: one can be part of another. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  return [...secrets]
    .filter(secret => secret.length >= shortestSecret)
    .flatMap(secret => [secret, Buffer.from(secret).toString('base64')])
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text)
}

function addTexts(found: Set<string>, root: unknown, shortest: number) {
  walk({ root }, object => {
    for (const value of Object.values(object)) {
      if (typeof value === 'string' && value.length >= shortest) found.add(value)
    }
  })
}

/** Visits every object and array; a loop and not a recursion, because requests can be deep. */
function walk(root: unknown, visit: (object: Record<string, unknown>) => void) {
  const waiting = [root]
  while (waiting.length > 0) {
    const object = asObject(waiting.pop())
    if (object === undefined) continue
    visit(object)
    for (const value of Object.values(object)) {
      if (typeof value === 'object' && value !== null) waiting.push(value)
    }
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined
}
