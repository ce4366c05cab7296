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
 * The word that is least far from the one given, the first of the alphabet among equals; undefined
 * where even that one differs in more than a fifth of its letters (two for short words).
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map(candidate => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  const best = ranked[0]
  return best && best.distance <= Math.max(2, word.length / 5) ? best.candidate : undefined
}
