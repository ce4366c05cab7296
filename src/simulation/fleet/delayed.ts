/** How long others may see an old value, in seconds. */
const memory = 60

/** A value that others see late: it remembers what it was up to a minute ago. */
export class Delayed<T> {
  readonly #values: { at: number; value: T }[]

  constructor(at: number, value: T) {
    this.#values = [{ at, value }]
  }

  /** The value that was set last. */
  get latest(): T {
    return this.#last.value
  }

  set(at: number, value: T): void {
    if (this.#last.at === at) this.#values.pop()
    this.#values.push({ at, value })
    while (this.#values[1] !== undefined && this.#values[1].at < at - memory) this.#values.shift()
  }

  /** The value that held at a time in the last minute. */
  at(time: number): T {
    return (this.#values.findLast(entry => entry.at <= time) ?? this.#values[0] ?? this.#last).value
  }

  get #last(): { at: number; value: T } {
    const last = this.#values.at(-1)
    if (last === undefined) throw new Error('a delayed value always has at least one value')
    return last
  }
}
