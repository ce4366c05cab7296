import { setTimeout as pause } from 'node:timers/promises'
import { type Fault, WithoutEffect } from './fault.ts'
import type { Outcome, Run } from './run.ts'

export interface Injection<Site> {
  kind: string
  where: string
  fault: Fault<Site> | undefined
  site: Site
  run: Run
  outcome: Outcome
}

/** How often a fault is tried that has no effect. */
const attempts = 5

/** Lets a fault happen, and counts it; one that had no effect is counted apart, and tried again. */
export async function inject<Site>(injection: Injection<Site>): Promise<void> {
  const { kind, outcome, run } = injection
  for (let left = attempts - 1; ; left--) {
    try {
      await attempt(injection)
      count(outcome.counts, kind)
      return
    } catch (error) {
      if (!(error instanceof WithoutEffect)) throw error
      count(outcome.withoutEffect, `${kind}: ${error.message}`)
      if (left === 0 || Date.now() > run.deadline) throw error
    }
    await pause(1000)
  }
}

async function attempt<Site>({ kind, where, fault, site, run }: Injection<Site>): Promise<void> {
  if (!fault) throw new Error(`no fault is called ${kind}`)
  const happening = { kind, where, from: Date.now(), to: Number.POSITIVE_INFINITY }
  run.world.happenings.push(happening)
  try {
    await withinMinutes(4, kind, fault(site))
  } finally {
    happening.to = Date.now()
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

async function withinMinutes(minutes: number, what: string, work: Promise<void>) {
  const end = new AbortController()
  const late = pause(minutes * 60_000, undefined, { signal: end.signal }).then(
    () => {
      throw new Error(`${what}: not within ${minutes} minutes`)
    },
    () => {},
  )
  await Promise.race([work, late]).finally(() => end.abort())
}
