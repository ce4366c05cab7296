/** A sentence names what somebody wrote; beyond this, more of it makes nothing clearer. */
const mostLetters = 100

/** The beginning of a text of any length, as a sentence of a condition can bear it. */
export const excerpt = (text: string): string =>
  text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text
