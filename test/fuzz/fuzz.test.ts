import t from 'tap'
import { corpus } from './corpus.ts'
import { fuzz } from './fuzz.ts'
import { inProcess, overHttp } from './targets.ts'

/*
 * A few calls of what `npm run fuzz` sends a million of. The seed is fixed: what fails here fails
 * again.
 */

t.setTimeout(180_000)

const seed = 20_260_901
const requests = corpus()

for (const { name, start, calls } of [
  { name: 'in this process', start: inProcess, calls: 600 },
  { name: 'over HTTP', start: overHttp, calls: 100 },
]) {
  t.test(`whatever is sent ${name}, nothing is lost, leaked or broken`, async t => {
    const target = await start(seed)
    t.teardown(() => target.stop())
    const { counts, violations } = await fuzz(target, requests, { seed, first: 0, calls })
    t.strictSame(
      violations.map(({ call, problem }) => `${call.number}: ${problem}`),
      [],
    )
    const statuses = [...counts.values()].flatMap(ofKind => [...ofKind.keys()])
    t.ok(statuses.includes(200) && statuses.includes(400), 'some are answered and some refused')
  })
}
