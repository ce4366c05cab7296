import t from 'tap'
import { parentReference } from '../../src/hooks/parent-reference.ts'

const metadata = {
  namespace: 'school',
  name: 'meet',
  generation: 3,
  uid: 'a-1',
  labels: { a: 'b' },
}
const reference = { namespace: 'school', name: 'meet', generation: 3, uid: 'a-1' }

const cases = [
  { name: 'the parent of a composite hook', body: { parent: { metadata } }, want: reference },
  { name: 'the object of a decorator hook', body: { object: { metadata } }, want: reference },
  {
    name: 'as much as there is',
    body: { parent: { metadata: { name: 'x' } } },
    want: { name: 'x' },
  },
  {
    name: 'nothing that has not the form of a name',
    body: { parent: { metadata: { name: 'Secret text', namespace: 7, generation: '3', uid: {} } } },
    want: {},
  },
  { name: 'nobody without metadata', body: { parent: {} }, want: undefined },
  { name: 'nobody where metadata is text', body: { parent: { metadata: 'x' } }, want: undefined },
  { name: 'nobody in null', body: null, want: undefined },
  { name: 'nobody in a text', body: 'parent', want: undefined },
  { name: 'nobody in a list', body: [], want: undefined },
]
for (const { name, body, want } of cases) {
  t.test(`a log line names ${name}`, async t => t.strictSame(parentReference(body), want))
}
