import fc from 'fast-check'
import t from 'tap'
import { editDistance, inReach, longestWord, nearest } from '../../src/settings/nearest.ts'

t.test('counts letters that are more, less or other', async t => {
  const cases = [
    { name: 'nothing', from: 'TZ', to: 'TZ', want: 0 },
    { name: 'one letter more', from: 'JVB_PRT', to: 'JVB_PORT', want: 1 },
    { name: 'one letter less', from: 'JVB_PORTS', to: 'JVB_PORT', want: 1 },
    { name: 'one letter other', from: 'JVB_PART', to: 'JVB_PORT', want: 1 },
    { name: 'everything', from: '', to: 'TZ', want: 2 },
    { name: 'several of them', from: 'kitten', to: 'sitting', want: 3 },
  ]
  for (const { name, from, to, want } of cases) {
    t.equal(editDistance(from, to), want, name)
    t.equal(editDistance(to, from), want, `${name}, the other way round`)
  }
})

t.test('names the nearest word, but none that is far', async t => {
  const words = ['ENABLE_LOBBY', 'ENABLE_AUTH', 'TZ']
  t.equal(nearest('ENABLE_LOBY', words), 'ENABLE_LOBBY')
  t.equal(nearest('ENABEL_AUTH', words), 'ENABLE_AUTH')
  t.equal(nearest('NOTHING_LIKE_IT', words), undefined)
  t.equal(nearest('ANYTHING', []), undefined)
  t.equal(nearest('AC', ['AB', 'AA']), 'AA', 'the first of the alphabet among equals')
})

t.test('nothing is near a word that no setting is as long as', async t => {
  const [longest, longer] = [longestWord, longestWord + 1].map(length => 'A'.repeat(length))
  t.equal(nearest(longest ?? '', [longest ?? '']), longest)
  t.equal(nearest(longer ?? '', [longer ?? '']), undefined)
})

t.test('words of a length that is too far off are not compared', async t => {
  t.strictSame(inReach('ABCD', ['A', 'AB', 'ABCDEF', 'ABCDEFG', '']), ['AB', 'ABCDEF'])
  t.strictSame(inReach('A'.repeat(30), ['A'.repeat(23), 'A'.repeat(24)]), ['A'.repeat(24)])
  t.strictSame(inReach('A'.repeat(10_000), ['A'.repeat(10_000)]), [], 'nor any with a long one')
})

t.test('to compare fewer words finds the same ones', async t => {
  const word = fc.string({ unit: fc.constantFrom('A', 'B', '_'), maxLength: 20 })
  const run = fc.check(
    fc.property(word, fc.array(word), (from, words) => {
      const allowed = Math.max(2, from.length / 5)
      const near = words.filter(to => editDistance(from, to) <= allowed)
      const least = Math.min(...near.map(to => editDistance(from, to)))
      const [first] = near.filter(to => editDistance(from, to) === least).sort()
      return nearest(from, words) === first
    }),
  )
  t.notOk(run.failed, JSON.stringify({ seed: run.seed, by: run.counterexample }))
})
