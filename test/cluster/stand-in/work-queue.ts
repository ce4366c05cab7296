/**
 * The queue that Kubernetes controllers use: a key is worked on by one worker at a time, a key
 * added meanwhile is worked on once more afterwards, a failed key comes again after 5 ms · 2ⁿ (at
 * most 1,000 s) until `work` succeeds.
 */
export class WorkQueue {
  private readonly work: (key: string) => Promise<void>
  private readonly onError: (key: string, error: unknown) => void
  private readonly workers: number
  private readonly waiting = new Set<string>()
  private readonly active = new Set<string>()
  private readonly failures = new Map<string, number>()
  private readonly timers = new Map<string, { due: number; timer: NodeJS.Timeout }>()
  private stopped = false

  constructor(
    work: (key: string) => Promise<void>,
    onError: (key: string, error: unknown) => void,
    workers = 5,
  ) {
    this.work = work
    this.onError = onError
    this.workers = workers
  }

  add(key: string): void {
    if (this.stopped) return
    this.waiting.add(key)
    this.next()
  }

  /** The earliest time asked for wins; nothing but `stop` takes it back. */
  addAfter(key: string, milliseconds: number): void {
    const due = Date.now() + milliseconds
    const planned = this.timers.get(key)
    if (this.stopped || (planned && planned.due <= due)) return
    if (planned) clearTimeout(planned.timer)
    const timer = setTimeout(() => {
      this.timers.delete(key)
      this.add(key)
    }, milliseconds)
    this.timers.set(key, { due, timer })
  }

  stop(): void {
    this.stopped = true
    this.waiting.clear()
    for (const { timer } of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
  }

  private next(): void {
    for (const key of this.waiting) {
      if (this.active.size >= this.workers) return
      if (this.active.has(key)) continue
      this.waiting.delete(key)
      this.active.add(key)
      void this.process(key)
    }
  }

  private async process(key: string): Promise<void> {
    try {
      await this.work(key)
      this.failures.delete(key)
    } catch (error) {
      if (!this.stopped) this.onError(key, error)
      const failed = this.failures.get(key) ?? 0
      this.failures.set(key, failed + 1)
      this.addAfter(key, Math.min(5 * 2 ** failed, 1_000_000))
    } finally {
      this.active.delete(key)
      this.next()
    }
  }
}
