import t from 'tap'
import { loggedError } from '../../src/service/logging.ts'
import { secretTexts, withoutSecrets } from '../../src/service/secret-texts.ts'

t.test(
  'an error is logged with type, message, code, stack and causes, and nothing else',
  async t => {
    const cause = Object.assign(new TypeError('deep'), { code: 'EDEEP', body: 'private' })
    const error = Object.assign(new Error('outer', { cause }), { request: 'private', code: 7 })
    const logged = loggedError(error)
    t.match(logged, {
      type: 'Error',
      message: 'outer',
      stack: /outer\n +at /,
      cause: { type: 'TypeError', message: 'deep', code: 'EDEEP' },
    })
    t.strictSame(Object.keys(logged), ['type', 'message', 'stack', 'cause'])
    t.notMatch(JSON.stringify(logged), /private/)
  },
)

t.test('a chain of causes that runs in a circle ends', async t => {
  const error = new Error('round')
  error.cause = error
  t.equal(JSON.stringify(loggedError(error)).split('"round"').length - 1, 6)
})

t.test('secret texts are hidden, the longest first', async t => {
  const cases = [
    { text: 'got abcdef', secrets: ['abc', 'abcdef'], want: 'got [hidden]' },
    { text: 'got YWJj', secrets: ['abc'], want: 'got [hidden]' },
    { text: 'abc abc', secrets: ['abc'], want: '[hidden] [hidden]' },
    { text: 'a bug', secrets: ['a', ''], want: 'a bug' },
    { text: 'price $& a.c', secrets: ['a.c'], want: 'price $& [hidden]' },
  ]
  for (const { text, secrets, want } of cases) t.equal(withoutSecrets(text, secrets), want)
})

t.test('secret texts of a request are looked for at any depth, in a loop', async t => {
  let deep: unknown = { kind: 'Secret', data: { key: 'c2VjcmV0' } }
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  t.strictSame([...secretTexts({ related: deep })], ['c2VjcmV0', 'secret'])
  t.strictSame([...secretTexts(null)], [])
})
