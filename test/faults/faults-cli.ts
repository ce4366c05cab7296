import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Metacontroller, metacontrollers } from '../cluster/metacontroller.ts'
import { carryOut, type Outcome } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { startWorld } from './world.ts'

/*
 * npm run test:faults [-- --seed 1 --faults 1000 --lanes 12 --minutes 28 --kinds part,part
 *                         --metacontroller stand-in]
 *
 * Breaks things in a cluster with installations whose meetings go on, and says what must not happen
 * and did. The real Metacontroller calls the hooks where METACONTROLLER_BIN names it. The logs of a
 * run in which something failed are kept in .cache/faults/logs.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '1000' },
    lanes: { type: 'string', default: '12' },
    minutes: { type: 'string', default: '28' },
    kinds: { type: 'string', default: '' },
    metacontroller: { type: 'string', default: metacontrollers().at(-1) ?? 'stand-in' },
    verbose: { type: 'boolean', default: false },
  },
})
const [seed, faults, lanes, minutes] = [
  values.seed,
  values.faults,
  values.lanes,
  values.minutes,
].map(Number) as [number, number, number, number]
const kinds = values.kinds.split(',').filter(Boolean)
const began = Date.now()
const world = await startWorld(values.metacontroller as Metacontroller['name'], seed)
try {
  const schedule = scheduleOf({ seed, faults, lanes, kinds })
  const onProgress = (text: string) => {
    if (values.verbose) console.error(`${Math.round((Date.now() - began) / 1000)} s: ${text}`)
  }
  const deadline = began + minutes * 60_000
  report(await carryOut({ world, schedule, seed, deadline, onProgress }))
} finally {
  await world.stop()
}
// Batches that were given up may still wait for something.
process.exit()

function report({ counts, withoutEffect, recoveries, failures }: Outcome): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`\n${total} faults in ${seconds} s, seed ${seed}, ${world.caller}, ${lanes} Jitsis`)
  for (const [kind, count] of [...counts].sort()) console.log(`  ${count} × ${kind}`)
  for (const [what, count] of [...withoutEffect].sort()) {
    console.log(`  ${count} × without effect, not counted: ${what}`)
  }
  const sorted = recoveries.sort((a, b) => a - b)
  const at = (share: number) =>
    ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 1000).toFixed(1)
  console.log(`  as before after ${at(0.5)} s (median), ${at(1)} s (longest)`)
  for (const failure of failures) console.log(`  FAILED ${failure}`)
  const missing = faults - total
  if (missing > 0) console.log(`  ${missing} faults were not injected`)
  const failed = failures.length + (missing > 0 ? 1 : 0)
  if (failed > 0) keepLogs(world.plane.folder)
  console.log(`${recoveries.length} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

/** The folder of the programs is gone when they end. */
function keepLogs(folder: string): void {
  const kept = '.cache/faults/logs'
  rmSync(kept, { recursive: true, force: true })
  mkdirSync(kept, { recursive: true })
  for (const name of readdirSync(folder).filter(name => name.endsWith('.log'))) {
    copyFileSync(join(folder, name), join(kept, name))
  }
  console.log(`  logs of all programs: ${kept}`)
}
