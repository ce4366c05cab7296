import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watchFiles } from '../../src/service/watched-files.ts'

async function watched(t: Test) {
  const folder = t.testdir({ a: 'one', b: 'uno' })
  const problems: string[] = []
  const files = await watchFiles([join(folder, 'a'), join(folder, 'b')], {
    read: texts => {
      if (texts.includes('')) throw new Error('empty')
      return texts.join('+')
    },
    onProblem: problem => problems.push(String(problem)),
    everyMs: 1_000_000,
  })
  t.teardown(files.stop)
  const changes: string[] = []
  files.onChange(value => changes.push(value))
  return { files, folder, changes, problems }
}

t.test('files that stay the same are no change', async t => {
  const { files, folder, changes } = await watched(t)
  writeFileSync(join(folder, 'a'), 'one')
  t.equal(await files.look(), false)
  t.equal(files.current(), 'one+uno')
  t.strictSame(changes, [])
})

t.test('new content is heard of once', async t => {
  const { files, folder, changes } = await watched(t)
  writeFileSync(join(folder, 'b'), 'due')
  t.equal(await files.look(), true)
  t.equal(await files.look(), false)
  t.equal(files.current(), 'one+due')
  t.strictSame(changes, ['one+due'])
})

t.test('content that makes no sense leaves the old value and is told once', async t => {
  const { files, folder, changes, problems } = await watched(t)
  writeFileSync(join(folder, 'a'), '')
  t.equal(await files.look(), false)
  t.equal(await files.look(), false)
  t.strictSame(problems, ['Error: empty'])
  rmSync(join(folder, 'a'))
  t.equal(await files.look(), false)
  t.match(problems, ['Error: empty', /ENOENT/])
  t.equal(files.current(), 'one+uno')
  writeFileSync(join(folder, 'a'), 'two')
  t.equal(await files.look(), true)
  t.strictSame(changes, ['two+uno'])
})

t.test('files that are missing or make no sense at the start are an error', async t => {
  const { folder } = await watched(t)
  const watching = {
    read: () => {
      throw new Error('no sense')
    },
    everyMs: 1_000_000,
  }
  await t.rejects(watchFiles([join(folder, 'absent')], watching), { code: 'ENOENT' })
  await t.rejects(watchFiles([join(folder, 'a')], watching), { message: 'no sense' })
})
