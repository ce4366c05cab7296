/**
 * Edits (one letter more, less or other) that turn one word into another: Levenshtein's distance,
 * row by row.
 */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 0; column < to.length; column++) {
      const exchanged = (row[column] ?? 0) + (letter === to[column] ? 0 : 1)
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/**
 * Nothing is near a longer word: no setting is as long, and the work grows with the length, which
 * whoever writes a spec decides.
 */
export const longestWord = 64

/** A fifth of the letters, two for short words. */
const allowedEdits = (word: string) => Math.max(2, word.length / 5)

/** The words that can be near by their length alone: each letter more or less is an edit. */
export function inReach(word: string, words: readonly string[]): string[] {
  if (word.length > longestWord) return []
  const allowed = allowedEdits(word)
  return words.filter(({ length }) => Math.abs(length - word.length) <= allowed)
}

/**
 * The word that is least far from the one given, the first of the alphabet among equals; undefined
 * where even that one differs in more than a fifth of its letters (two for short words).
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = inReach(word, words)
    .map(candidate => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  const best = ranked[0]
  return best && best.distance <= allowedEdits(word) ? best.candidate : undefined
}
