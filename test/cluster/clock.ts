/** Time as plan and observer see it: the real one, moved on in some namespaces. */
export class Clock {
  readonly #ahead = new Map<string, number>()

  /** What time it is for a Jitsi there. */
  nowIn(namespace = ''): Date {
    return new Date(Date.now() + (this.#ahead.get(namespace) ?? 0) * 1000)
  }

  /**
   * Moves the clock of a namespace on. Nothing else there ages: Pods keep the times that the API
   * server gave them, so stay below the five minutes that the plan gives a bridge to begin.
   */
  forward(namespace: string, seconds: number): void {
    this.#ahead.set(namespace, (this.#ahead.get(namespace) ?? 0) + seconds)
  }
}
