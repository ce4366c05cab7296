import fc from 'fast-check'
import { anyDay, live } from './day.ts'

export interface Days {
  days: number
  seed: number
  /** Leave out so many days before the first. */
  first?: number
  /** Begin no other day from then on, by `performance.now()`. */
  until?: number
  onDay?: (number: number, broken: ReadonlyMap<string, string>) => void
}

/** Lives through so many days, each drawn from the seed and its number; one after the other. */
export async function liveDays({ days, seed, first = 0, until, onDay }: Days) {
  const broken = new Map<string, string>()
  for (let number = first; number < first + days; number++) {
    if (until !== undefined && performance.now() >= until) break
    const [day] = fc.sample(anyDay, { seed: seed + number, numRuns: 1 })
    if (!day) throw new Error('no day could be drawn')
    const found = await live(day)
    for (const [law, what] of found) {
      if (!broken.has(law)) broken.set(law, `day ${number} ${what}`)
    }
    onDay?.(number, found)
  }
  return { broken, replay: `npm run test:days -- --seed ${seed} --first ${first} --days ${days}` }
}
