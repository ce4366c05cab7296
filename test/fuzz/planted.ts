/** Texts that stand for secrets: no log line, no status and no error may hold one of them. */
export const planted = {
  made: 'planted-made-password',
  kept: 'planted-kept-password',
  related: 'planted-related-secret',
  variable: 'planted-variable',
} as const

const forms = Object.values(planted).flatMap(secret => [
  secret,
  Buffer.from(secret).toString('base64'),
])

/** The planted texts, plain or encoded, that a text holds. */
export function plantedIn(text: string): string[] {
  return forms.filter(form => text.includes(form))
}
