import type { Event } from './history.ts'
import type { Look } from './look.ts'
import type { School } from './school.ts'

/** What a law does while a day passes. */
export interface Watch {
  /** At each call of the plan. */
  plan?: (look: Look) => void
  /** When something is about to happen to the school. */
  event?: (event: Event) => void
  /** Every ten seconds. */
  moment?: () => void
  /** When the fleet has come to rest. */
  end?: () => Promise<void> | void
}

/** What must hold on every day, whatever happens. */
export interface Law {
  readonly name: string
  /** Begins to watch a day; `broken` says what the law was broken by. */
  readonly watch: (school: School, broken: (what: string) => void) => Watch
}
