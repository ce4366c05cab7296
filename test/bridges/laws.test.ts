import t from 'tap'
import { laws } from './day.ts'
import { liveDays } from './days.ts'

/** A handful; `npm run test:days` lives through as many as you like. */
const days = Number(process.env.DAYS ?? 12)

t.test(`${days} days of meetings, changes and troubles`, { timeout: 0 }, async t => {
  const { broken, replay } = await liveDays({ days, seed: Number(process.env.SEED ?? 1) })
  for (const { name } of laws) t.equal(broken.get(name), undefined, `${name} (${replay})`)
})
