import { parseArgs } from 'node:util'
import { laws } from './day.ts'
import { liveDays } from './days.ts'

/*
 * npm run test:days [-- --days 2000 --seed 1 --first 0 --seconds 600]
 *
 * Lives through so many days of a school under all laws. A day that breaks one is named by its
 * number: --first NUMBER --days 1 lives through it again.
 */

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: process.env.DAYS ?? '100' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    /** Begin no other day after so many seconds. */
    seconds: { type: 'string', default: '86400' },
  },
})
const [days = 0, seed = 0, first = 0] = [values.days, values.seed, values.first].map(Number)
const counts = new Map(laws.map(({ name }) => [name, 0]))
const began = performance.now()
let lived = 0
await liveDays({
  days,
  seed,
  first,
  until: began + Number(values.seconds) * 1000,
  onDay: (number, broken) => {
    lived++
    for (const [law, what] of broken) {
      counts.set(law, (counts.get(law) ?? 0) + 1)
      console.log(`day ${number}: ${law}: ${what}`)
    }
    if (lived % 50 === 0) console.error(`${lived} of ${days} days`)
  },
})
const seconds = Math.round((performance.now() - began) / 1000)
console.log(`\n${lived} days, seed ${seed}, numbers ${first} to ${first + lived - 1}, ${seconds} s`)
for (const [law, times] of counts)
  console.log(`  ${times === 0 ? 'kept' : `BROKEN on ${times}`}: ${law}`)
process.exitCode = [...counts.values()].some(times => times > 0) ? 1 : 0
