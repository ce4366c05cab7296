import t from 'tap'
import { turns } from '../../src/hooks/turns.ts'

const never = new AbortController().signal

/** Tasks by name that end when they are told to; `begun` has those that were let run. */
function tasks() {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const task = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve, reject) => {
      ends.set(name, error => (error ? reject(error) : resolve(name)))
    })
  }
  return { begun, task, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

t.test('tasks run so many at a time, in their order, and a failed one makes room', async t => {
  const { begun, task, end } = tasks()
  const inTurn = turns(1)
  const first = inTurn(task('a'), never)
  const second = inTurn(task('b'), never)
  const third = inTurn(task('c'), never)
  t.strictSame(begun, ['a'])
  end('a', new Error('lost'))
  await t.rejects(first, { message: 'lost' })
  t.strictSame(begun, ['a', 'b'])
  end('b')
  t.equal(await second, 'b')
  end('c')
  t.equal(await third, 'c')
})

t.test('who waits leaves at the deadline; a task that runs keeps its turn', async t => {
  const { begun, task, end } = tasks()
  const inTurn = turns(1)
  const deadline = new AbortController()
  const running = inTurn(task('a'), deadline.signal)
  const waiting = inTurn(task('b'), deadline.signal)
  const patient = inTurn(task('c'), never)
  deadline.abort()
  await t.rejects(running, { name: 'AbortError' })
  await t.rejects(waiting, { name: 'AbortError' })
  t.strictSame(begun, ['a'])
  end('a')
  while (begun.length < 2) await new Promise(resolve => setImmediate(resolve))
  end('c')
  t.equal(await patient, 'c')
  t.strictSame(begun, ['a', 'c'], 'nothing is begun that nobody waits for')
})

t.test('after the deadline nothing is begun', async t => {
  const { begun, task } = tasks()
  await t.rejects(turns(1)(task('a'), AbortSignal.abort()), { name: 'AbortError' })
  t.strictSame(begun, [])
})
