import { createHash, timingSafeEqual } from 'node:crypto'

/** Reads the tokens of a token file: one a line, so that a rotation can let both in for a while. */
export function tokensIn(text: string): readonly string[] {
  const tokens = text.split('\n').flatMap(line => line.trim() || [])
  if (tokens.length === 0) throw new Error('there is no token in the file')
  return tokens
}

/** Why a request may not call the hooks, as a sentence for its sender; undefined if it may. */
export function bearerProblem(
  authorization: string | undefined,
  tokens: readonly string[],
): string | undefined {
  if (authorization === undefined) {
    return 'This hook wants the header "Authorization: Bearer <token>", with the token of TOKEN_FILE.'
  }
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  if (given === undefined) return 'The Authorization header is not of the form "Bearer <token>".'
  // All are compared, so that the time tells nothing about which one was nearly right.
  const matches = tokens.filter(token => timingSafeEqual(digest(token), digest(given)))
  return matches.length > 0 ? undefined : 'The bearer token is not the one of TOKEN_FILE.'
}

/** Of one length whatever the token's is, as a constant-time comparison needs. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
