import t from 'tap'
import { editDistance, nearest } from '../../src/settings/nearest.ts'

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
