import { load } from 'js-yaml'
import t from 'tap'
import { jitsiCrd } from '../../src/api/crd.ts'
import { run } from './command.ts'

// Each run is a process of its own, and machines can be busy.
t.setTimeout(180_000)

t.test('crd prints the CustomResourceDefinition, complete and without aliases', async t => {
  const { code, stdout } = await run(['crd'])
  t.equal(code, 0)
  t.strictSame(load(stdout), JSON.parse(JSON.stringify(jitsiCrd())))
  t.notMatch(stdout, /&ref_/)
})
