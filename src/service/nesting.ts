/**
 * Levels of nesting from which on JSON.stringify and its like give up, with room for their callers.
 * Nothing that anybody means is near it, and the API server itself stops at ten times as much.
 */
export const deepestNesting = 1000

/** Is the value nested more deeply? A loop and not a recursion, which would give up as well. */
export function isNestedTooDeeply(value: unknown): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= deepestNesting) return true
    level = level.flatMap(container => Object.values(container).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
