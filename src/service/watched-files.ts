import { readFile } from 'node:fs/promises'

/** Files whose content the service follows while it runs: certificates and tokens get replaced. */
export interface WatchedFiles<T> {
  current: () => T
  /** Looks now; answers whether the value is another one. Never rejects. */
  look: () => Promise<boolean>
  /** Replaces the listener; it hears every new value. */
  onChange: (listener: (value: T) => void) => void
  stop: () => void
}

export interface Watching<T> {
  /** What the files mean; throws if they make no sense, or not together. */
  read: (texts: string[]) => T
  /** Called once for each new problem; the last good value stays in use. */
  onProblem?: (problem: unknown) => void
  everyMs: number
}

/**
 * Reads the files and looks again and again. Contents are compared, not times or events:
 * the kubelet swaps a link two folders above the file, which file watchers miss.
 * Rejects if the files can't be read or make no sense at the start.
 */
export async function watchFiles<T>(
  paths: readonly string[],
  { read, onProblem, everyMs }: Watching<T>,
): Promise<WatchedFiles<T>> {
  let texts = await textsOf(paths)
  let value = read(texts)
  let lastProblem: string | undefined
  let changed: (value: T) => void = () => {}

  async function look(): Promise<boolean> {
    try {
      const seen = await textsOf(paths)
      if (seen.every((text, at) => text === texts[at])) return false
      value = read(seen)
      texts = seen
      lastProblem = undefined
      changed(value)
      return true
    } catch (problem) {
      if (String(problem) !== lastProblem) onProblem?.(problem)
      lastProblem = String(problem)
      return false
    }
  }

  const timer = setInterval(() => void look(), everyMs).unref()
  return {
    current: () => value,
    look,
    onChange: listener => {
      changed = listener
    },
    stop: () => clearInterval(timer),
  }
}

function textsOf(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(path => readFile(path, 'utf8')))
}
