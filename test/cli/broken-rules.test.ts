import t from 'tap'
import { specRules } from '../../src/api/crd.ts'
import { brokenRules } from '../../src/cli/broken-rules.ts'
import { resolveSpec } from '../../src/core/context.ts'
import { brokenRuleCases } from '../support/broken-rules.ts'
import { goldenCases } from '../support/golden-cases.ts'

/*
 * The rules of the CRD without an API server. test/cluster/api.cluster.ts has one refuse the same
 * specs.
 */

const broken = (spec: object) => brokenRules(resolveSpec({ domain: 'meet.example.org', ...spec }))

for (const { name, spec, says } of brokenRuleCases) {
  t.test(`${name}: one rule says so`, async t => {
    const said = broken(spec)
    t.equal(said.length, 1, said.join('\n'))
    t.ok(said[0]?.startsWith('the API server refuses it: spec: '))
    t.match(said[0], says)
  })
}

t.test('every rule is broken above', async t => {
  const said = brokenRuleCases.flatMap(({ spec }) => broken(spec))
  for (const { message } of specRules)
    t.ok(
      said.some(line => line.endsWith(message)),
      message,
    )
})

t.test('a spec of another shape has none: what is wrong with that is said elsewhere', async t => {
  t.strictSame(broken({ auth: { type: 'jwt' }, jvb: { ports: { udp: '10000' } } }), [])
})

t.test('no example breaks any', async t => {
  for (const { name, first } of goldenCases()) {
    t.strictSame(brokenRules(resolveSpec(first.parent.spec)), [], name)
  }
})
