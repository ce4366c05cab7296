import t from 'tap'
import { SyncRequest } from '../../src/api/metacontroller.ts'
import { requestCheck } from '../../src/api/request-check.ts'

/* What the hooks refuse, and with which words: test/app.test.ts. */

const problemOf = requestCheck(SyncRequest)
const metadata = { name: 'meet', namespace: 'school' }
const parent = { apiVersion: 'apps.jit.si/v1alpha1', kind: 'Jitsi', metadata }
const withChild = (child: object) => ({ parent, children: { 'v1.x': { 'school/x': child } } })

t.test('a request of Metacontroller has no problem', async t => {
  t.equal(problemOf({ parent, children: {} }), undefined)
  t.equal(problemOf(withChild({ apiVersion: 'v1', kind: 'Secret', metadata })), undefined)
})

t.test('a problem names what is wrong by the kind of the object, and never its value', async t => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { password: 12345 } }
  t.strictSame(problemOf(withChild(secret)), {
    path: '/children/v1.x/school~1x/data/password',
    message: 'expected text, got a number',
  })
  const node = { ...secret, kind: 'Node', spec: { taints: [{ key: 'x' }] } }
  t.strictSame(problemOf(withChild(node)), {
    path: '/children/v1.x/school~1x/spec/taints/0/effect',
    message: 'it is missing',
  })
})

t.test('a kind that the plan does not know needs an identity alone', async t => {
  const other = { apiVersion: 'v1', kind: 'Podcast', metadata, spec: 7, data: 7 }
  t.equal(problemOf(withChild(other)), undefined)
  t.match(problemOf(withChild({ ...other, metadata: {} })), { path: /metadata\/name$/ })
})

t.test('what came is told by its kind alone', async t => {
  const cases: [request: unknown, message: string][] = [
    [null, 'expected an object, got null'],
    [[parent], 'expected an object, got a list'],
    [{ parent: 'meet', children: {} }, 'expected an object, got text'],
    [{ parent: true, children: {} }, 'expected an object, got true or false'],
    [{ parent: { ...parent, kind: '' }, children: {} }, 'it is empty'],
    [{ parent }, 'it is missing'],
  ]
  for (const [request, message] of cases) t.match(problemOf(request), { message })
})
