import { createSecureContext } from 'node:tls'

/** A certificate (chain) with its private key, both PEM. */
export interface KeyPair {
  cert: string
  key: string
}

/**
 * The pair in the texts of tls.crt and tls.key. Throws if they are no PEM or don't belong together.
 */
export function keyPairIn([cert = '', key = '']: readonly string[]): KeyPair {
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    // OpenSSL's sentence names what it missed, never a part of the key.
    throw new Error(`this is not a PEM certificate with its private key: ${String(cause)}`, {
      cause,
    })
  }
  return { cert, key }
}
