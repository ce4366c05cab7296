import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump, loadAll } from 'js-yaml'
import t, { type Test } from 'tap'
import { settle } from './support/cluster.ts'
import { type GoldenCase, goldenCases, goldenNodes } from './support/golden-cases.ts'

/*
 * The whole answer for every example and for every sample of the first operator, once all of it
 * runs. `npm run golden` writes the files; read the difference before you commit it.
 */

const writing = process.env.UPDATE_GOLDEN === '1'

for (const golden of goldenCases()) {
  t.test(golden.name, async t => {
    const { answer } = settle(golden.first, { nodes: goldenNodes })
    compare(t, golden, { file: 'children.yaml', documents: answer.children })
    compare(t, golden, { file: 'status.yaml', documents: [answer.status] })
  })
}

interface Kept {
  file: string
  documents: readonly unknown[]
}

/** As data: the order of keys and the wrapping of lines mean nothing. */
function compare(t: Test, { directory }: GoldenCase, { file, documents }: Kept) {
  const path = join(directory, file)
  const plain = JSON.parse(JSON.stringify(documents)) as unknown[]
  if (writing) {
    mkdirSync(directory, { recursive: true })
    writeFileSync(path, plain.map(document => `---\n${dump(document, { noRefs: true })}`).join(''))
  }
  t.strictSame(loadAll(readFileSync(path, 'utf8')), plain, file)
}
