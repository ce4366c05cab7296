/** What one client may ask of the service, so that no client can hold it. */
export interface Limits {
  /** Bytes of a request's body; a bridge's Pod is about 28 KB in it, so 1,000 bridges are 28 MB. */
  bodyBytes: number
  /**
   * Milliseconds for a request to arrive, and for a socket to stay silent. Below Metacontroller's
   * 10 s for a whole hook call: after that nobody waits for the answer.
   */
  requestMs: number
  /**
   * Milliseconds that an idle connection is kept. Above the 90 s for which Metacontroller's client
   * keeps its own: it must be the client that closes, or its next call meets a reset.
   */
  keepAliveMs: number
}

/** The limits where no setting says otherwise; the fields of Limits say why so much. */
export const defaultLimits: Limits = {
  bodyBytes: 64 * 1024 * 1024,
  requestMs: 8000,
  keepAliveMs: 95_000,
}
