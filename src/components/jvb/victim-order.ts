import { type Bridge, neverServed, participantsOf } from './bridge.ts'

/** First those that never served, then the one with the fewest people; ties by number. */
export function victimOrder(a: Bridge, b: Bridge): number {
  return (
    Number(neverServed(b)) - Number(neverServed(a)) ||
    compare(participantsOf(a), participantsOf(b)) ||
    a.index - b.index
  )
}

const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1)
