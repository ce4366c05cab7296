/** What happens at a moment; only `run` waits for those that answer a promise. */
export type Action = () => void | Promise<void>

interface Entry {
  at: number
  order: number
  action: Action
}

/**
 * Virtual time: a queue of what will happen, in seconds since its start. Nothing waits in real
 * time, so that a day passes as fast as its events can be worked off. Events of the same moment
 * happen in the order in which they were planned.
 */
export class Timeline {
  readonly start: Date
  #now = 0
  #planned = 0
  readonly #queue: Entry[] = []

  constructor(start = new Date('2026-03-02T06:00:00Z')) {
    this.start = start
  }

  /** Seconds since the start. */
  get seconds(): number {
    return this.#now
  }

  get date(): Date {
    return new Date(this.start.getTime() + this.#now * 1000)
  }

  /** Plans an action for so many seconds from now. */
  in(seconds: number, action: Action): void {
    const entry = { at: this.#now + Math.max(0, seconds), order: this.#planned++, action }
    this.#queue.push(entry)
    this.#rise(this.#queue.length - 1)
  }

  /** Lets so much time pass; for timelines on which nothing asynchronous happens. */
  advance(seconds: number): void {
    for (const action of this.#until(this.#now + seconds)) {
      if (action() instanceof Promise) throw new Error('use run(): an action is asynchronous')
    }
  }

  /** Lets so much time pass, and waits for what happens in it. */
  async run(seconds: number): Promise<void> {
    for (const action of this.#until(this.#now + seconds)) {
      const outcome = action()
      if (outcome instanceof Promise) await outcome
    }
  }

  *#until(end: number): Generator<Action> {
    for (;;) {
      const next = this.#queue[0]
      if (next === undefined || next.at > end) break
      this.#now = next.at
      this.#dropFirst()
      yield next.action
    }
    this.#now = end
  }

  /* The queue is a binary heap: the entry at i comes before those at 2i+1 and 2i+2. */

  #rise(from: number): void {
    const queue = this.#queue
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(queue[at], queue[parent])) return
      swap(queue, at, parent)
      at = parent
    }
  }

  #dropFirst(): void {
    const queue = this.#queue
    swap(queue, 0, queue.length - 1)
    queue.pop()
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = before(queue[left + 1], queue[left]) ? left + 1 : left
      if (!before(queue[child], queue[at])) return
      swap(queue, at, child)
      at = child
    }
  }
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function swap(queue: Entry[], i: number, j: number): void {
  const [a, b] = [queue[i], queue[j]]
  if (a === undefined || b === undefined) return
  queue[i] = b
  queue[j] = a
}
