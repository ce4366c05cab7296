/**
 * Lets so many tasks run at a time, for work that nothing can call off: a task keeps its turn until
 * it is through, also when nobody waits for it any more. Others wait, in the order of their coming.
 * Who waits, for a turn or for the task, waits until the deadline.
 */
export function turns(atOnce: number) {
  let running = 0
  const waiting = new Set<() => void>()
  const run = <T>(task: () => Promise<T>): Promise<T> => {
    running += 1
    return task().finally(() => {
      running -= 1
      const [next] = waiting
      next?.()
    })
  }
  return <T>(task: () => Promise<T>, deadline: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin)
        run(task).then(resolve, reject)
      }
      const leave = () => {
        waiting.delete(begin)
        reject(deadline.reason)
      }
      if (deadline.aborted) return leave()
      deadline.addEventListener('abort', leave, { once: true })
      if (running < atOnce) begin()
      else waiting.add(begin)
    })
}
