import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '../../src/simulation/fleet/random.ts'
import { inject } from './inject.ts'
import { Lane } from './lane.ts'
import { type Batch, globalFaults, laneFaults, type Schedule } from './schedule.ts'
import { stirs } from './stirs.ts'
import type { World } from './world.ts'

/** What happened in a run. */
export interface Outcome {
  /** Faults that were injected and mended, by kind. */
  counts: Map<string, number>
  /** Attempts that are no faults, by kind and reason. */
  withoutEffect: Map<string, number>
  /** Milliseconds from the last fault of a batch until everything was as before. */
  recoveries: number[]
  /** What must not happen and did, with what was broken at that time. */
  failures: string[]
}

export interface Run {
  world: World
  schedule: Schedule
  seed: number
  /** No batch begins after that, in milliseconds since 1970. */
  deadline: number
  onProgress: (text: string) => void
}

/** How long after the deadline batches that have begun are waited for. */
const patienceMs = 60_000

const pauseUntil = (time: number, signal: AbortSignal) =>
  pause(Math.max(0, time - Date.now()), undefined, { signal }).catch(() => {})

/** Carries out a schedule: lanes beside each other, each batch judged before the next. */
export async function carryOut(run: Run): Promise<Outcome> {
  const { world, schedule } = run
  const outcome: Outcome = {
    counts: new Map(),
    withoutEffect: new Map(),
    recoveries: [],
    failures: [],
  }
  const lanes = await Promise.all(schedule.lanes.map((_, index) => Lane.prepare(world, index + 1)))
  run.onProgress(`${lanes.length} installations at rest`)
  const progress = { done: 0, of: schedule.lanes.flat().length, over: false }
  const all = lanes.map(async (lane, index) => {
    lanes[index] = await runLane({ run, lane, index, outcome, progress })
  })
  const everywhere = schedule.cluster.map((_, index) => {
    return clusterLane({ run, index, outcome, progress })
  })
  const through = Promise.all(all).then(() => {
    progress.over = true
    return Promise.all(everywhere)
  })
  const end = new AbortController()
  await Promise.race([through, pauseUntil(run.deadline + patienceMs, end.signal)])
  end.abort()
  outcome.failures.push(...(await lastLook(world, lanes)))
  return outcome
}

/** What the last faults of the cluster did to installations that were through with theirs. */
async function lastLook({ judge, meetings }: World, lanes: readonly Lane[]): Promise<string[]> {
  const away = await Promise.all(
    lanes.map(lane =>
      lane.converged().then(
        () => [],
        (error: Error) => [error.message],
      ),
    ),
  )
  judge.lost(meetings.losses)
  const found = judge.take().map(({ namespace, what }) => `${namespace}: ${what}`)
  return [...away.flat(), ...found].map(problem => `at the end: ${problem}`)
}

interface LaneRun {
  run: Run
  lane: Lane
  index: number
  outcome: Outcome
  progress: Progress
}

/**
 * One batch after the other; an installation that does not come back is given up for a new one.
 * Answers the last one.
 */
async function runLane({ run, lane: first, index, outcome, progress }: LaneRun): Promise<Lane> {
  const random = new Random(run.seed * 1009 + index)
  let lane = first
  let attempt = 0
  for (const [number, batch] of (run.schedule.lanes[index] ?? []).entries()) {
    if (Date.now() > run.deadline) return lane
    const name = `${lane.namespace}, batch ${number + 1}`
    const fine = await carryOutBatch({ run, lane, batch, random, outcome, name })
    progress.done += 1
    if (!fine) {
      attempt += 1
      lane = await Lane.prepare(run.world, index + 1, attempt)
    }
  }
  return lane
}

/** How many batches of all lanes are through. */
interface Progress {
  done: number
  of: number
  over: boolean
}

interface BatchRun {
  run: Run
  lane: Lane
  batch: Batch
  random: Random
  outcome: Outcome
  name: string
}

/** False when the installation did not come back: nothing more can be told of it then. */
async function carryOutBatch({ run, lane, batch, random, outcome, name }: BatchRun) {
  const { world } = run
  const from = Date.now()
  const problems: string[] = []
  const stir = stirs[batch.stir]
  let fine = true
  try {
    await stir?.begin(lane, world, random)
    await Promise.all(
      batch.faults.map(kind =>
        inject({
          kind,
          where: lane.namespace,
          fault: laneFaults[kind],
          site: { world, lane, random },
          run,
          outcome,
        }),
      ),
    )
    await stir?.end?.(lane)
    const mended = Date.now()
    await lane.converged()
    outcome.recoveries.push(Date.now() - mended)
  } catch (error) {
    fine = false
    problems.push(String(error instanceof Error ? error.message : error))
  }
  world.judge.lost(world.meetings.losses)
  problems.push(...world.judge.take(lane.namespace).map(({ what }) => what))
  const seconds = ((Date.now() - from) / 1000).toFixed(0)
  const what = `${name}: ${batch.stir} + ${batch.faults.join(', ')}`
  run.onProgress(`${what}: ${problems.length > 0 ? 'FAILED' : 'fine'} after ${seconds} s`)
  if (problems.length > 0) {
    const failure = [what, ...problems, ...brokenSince(world, from)].join('\n    ')
    outcome.failures.push(failure)
    run.onProgress(failure)
  }
  return fine
}

/** What else was broken meanwhile. */
function brokenSince({ happenings }: World, from: number): string[] {
  return happenings
    .filter(({ to, where }) => to >= from - 5000 && where === 'cluster')
    .map(({ kind, from: begun }) => `meanwhile: ${kind}, ${((begun - from) / 1000).toFixed(1)} s`)
}

/** Faults of the cluster, one after the other, spread over the work of the lanes. */
async function clusterLane({ run, index, outcome, progress }: Omit<LaneRun, 'lane'>) {
  const faults = globalFaults[index] ?? {}
  const kinds = run.schedule.cluster[index] ?? []
  const random = new Random(run.seed * 2003 + index)
  for (const [number, kind] of kinds.entries()) {
    const due = () => progress.done >= (progress.of * number) / kinds.length
    while (!due() && !progress.over) await pause(100)
    if (Date.now() > run.deadline) return
    const site = { world: run.world, random }
    try {
      await inject({ kind, where: 'cluster', fault: faults[kind], site, run, outcome })
      run.onProgress(`cluster: ${kind}`)
    } catch (error) {
      outcome.failures.push(`cluster: ${kind}: ${String(error)}`)
      run.onProgress(`cluster: ${kind}: ${String(error)}`)
    }
    await pause(random.between(500, 2500))
  }
}
