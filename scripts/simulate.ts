import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { clairvoyant } from '../src/simulation/clairvoyant.ts'
import { ours } from '../src/simulation/ours.ts'
import { peer } from '../src/simulation/peer.ts'
import { plot } from '../src/simulation/plot.ts'
import { policiesOf, sizesOf } from '../src/simulation/policies.ts'
import { table } from '../src/simulation/table.ts'
import { parseTrace } from '../src/simulation/trace.ts'
import { days } from './days.ts'

/*
 * Replays days of meetings through the real plan, through what people have today and past the
 * least that could have carried them; prints a table and draws a picture of each day.
 *
 *   npm run simulate -- [--autoscaling JSON] [--cpus N] [--out FOLDER] DAY.csv …
 *   npm run simulate -- --write-days      writes examples/traces anew
 *
 * --autoscaling is spec.jvb.autoscaling of a policy of your own, --cpus the size of a bridge.
 */

const argv = process.argv.slice(2)

function option(name: string): string | undefined {
  const at = argv.indexOf(name)
  return at < 0 ? undefined : argv.splice(at, 2)[1]
}

const autoscaling = option('--autoscaling')
const cpus = option('--cpus')
const out = option('--out') ?? '.cache/simulation'
if (argv[0] === '--write-days') writeDays()
else if (argv.length > 0) for (const file of argv) await simulate(file)
else {
  console.error(
    'usage: npm run simulate -- [--autoscaling JSON] [--cpus N] [--out FOLDER] DAY.csv …',
  )
  process.exitCode = 2
}

function writeDays(): void {
  mkdirSync('examples/traces', { recursive: true })
  for (const [name, day] of Object.entries(days))
    writeFileSync(`examples/traces/${name}.csv`, day())
}

async function simulate(file: string): Promise<void> {
  const name = basename(file, '.csv')
  const trace = parseTrace(name, readFileSync(file, 'utf8'))
  const sizes = { ...sizesOf(name), ...(cpus ? { cpus: Number(cpus) } : {}) }
  const own = autoscaling ? [{ name: 'yours', autoscaling: JSON.parse(autoscaling) }] : []
  const outcomes = [clairvoyant(trace, sizes), await peer(trace, sizes)]
  for (const policy of [...policiesOf(name), ...own]) {
    outcomes.push(await ours(trace, sizes, policy))
  }
  console.log(table(name, outcomes))
  mkdirSync(out, { recursive: true })
  writeFileSync(`${out}/${name}.svg`, plot(name, outcomes))
}
