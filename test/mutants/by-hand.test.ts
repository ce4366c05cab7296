import { readFile } from 'node:fs/promises'
import t from 'tap'
import { laws } from '../bridges/day.ts'
import { mutants } from './by-hand.ts'

t.test('each mistake made by hand is one that can be made', async t => {
  for (const { name, file, from } of mutants) {
    const text = await readFile(file, 'utf8')
    t.equal(text.split(from).length, 2, name)
  }
})

t.test('for each law there is a mistake that breaks it', async t => {
  const broken = new Set(mutants.map(({ law }) => law))
  t.strictSame(new Set(laws.map(({ name }) => name)), broken)
})
