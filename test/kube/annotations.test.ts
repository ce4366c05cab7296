import t from 'tap'
import { annotation, label } from '../../src/kube/annotations.ts'

t.test('every name of ours begins with our domain, and stands for one thing', async t => {
  const names = [...Object.values(annotation), ...Object.values(label)]
  for (const name of names) t.match(name, /^apps\.jit\.si\/[a-z][-a-z]{0,62}$/)
  t.equal(new Set(names).size, names.length)
})
