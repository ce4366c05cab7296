import { parseArgs } from 'node:util'
import { corpus } from './corpus.ts'
import { type Findings, fuzz } from './fuzz.ts'
import { inProcess, overHttp, type Target } from './targets.ts'

/*
 * npm run fuzz [-- --seed 1 --calls 1000000 --http 20000 --first 0]
 *
 * Sends so many calls to the hook in this process and so many over HTTP, and says what must not
 * happen and did. A finding names its number: --first NUMBER --calls 1 --http 0 does it again.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    calls: { type: 'string', default: '1000000' },
    http: { type: 'string', default: '20000' },
    first: { type: 'string', default: '0' },
  },
})
const [seed, calls, http, first] = [values.seed, values.calls, values.http, values.first].map(
  Number,
)
const requests = corpus()
let found = 0
await run('in process', inProcess(Number(seed)), Number(calls))
await run('over HTTP', await overHttp(Number(seed)), Number(http))
process.exitCode = found > 0 ? 1 : 0

async function run(name: string, target: Target, count: number) {
  const began = performance.now()
  const onProgress = (done: number) => {
    if (done % 10_000 === 0) console.error(`${name}: ${done} of ${count}`)
  }
  const run = { seed: Number(seed), first: Number(first), calls: count, onProgress }
  const findings = await fuzz(target, requests, run)
  await target.stop()
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`\n${count} calls ${name}, seed ${seed}, ${seconds} s`)
  report(findings)
}

function report({ counts, violations }: Findings) {
  const times = violations.map(({ times }) => times).reduce((sum, some) => sum + some, 0)
  found += times
  for (const [kind, statuses] of [...counts].sort()) {
    const parts = [...statuses].sort().map(([status, times]) => `${times} × ${status}`)
    console.log(`  ${kind}: ${parts.join(', ')}`)
  }
  console.log(`  ${times} violations`)
  for (const { call, problem, times } of violations) {
    const { number, kind, url } = call
    console.log(`  ${times} × such as number ${number}, ${kind}, ${url}: ${problem.slice(0, 2000)}`)
  }
}
