import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { JitsiSpec } from '../api/jitsi.ts'
import { resolveSpec } from '../core/context.ts'
import { clairvoyant, fluidBound } from '../simulation/clairvoyant.ts'
import { ours } from '../simulation/ours.ts'
import type { Outcome } from '../simulation/outcome.ts'
import { peer } from '../simulation/peer.ts'
import { plot } from '../simulation/plot.ts'
import {
  defaultPolicies,
  type OurPolicy,
  ownPolicy,
  policyOf,
  sizesOf,
} from '../simulation/policies.ts'
import { type Sizes, usualSizes } from '../simulation/sizes.ts'
import { table } from '../simulation/table.ts'
import { parseTrace, type Trace } from '../simulation/trace.ts'
import { contentOf, jitsisOf } from './documents.ts'
import { Mistake, oneLine } from './mistake.ts'

/** What the command line says beside the days. */
export interface SimulateOptions {
  /**
   * A Jitsi to replay the days with; else the one in the YAML file beside a day, if there is one.
   */
  readonly jitsi?: string | undefined
  /** `spec.jvb.autoscaling` of one more policy, as JSON. */
  readonly autoscaling?: string | undefined
  readonly cpus?: number | undefined
  /** The folder for the pictures. */
  readonly out: string
}

/** Replays a day through every policy, draws it, and gives what came of it as a table. */
export async function simulateDay(file: string, options: SimulateOptions): Promise<string> {
  const name = basename(file, '.csv')
  const trace = await traceOf(name, file)
  const spec = await specFor(file, options)
  const own = options.autoscaling ? [ownPolicy(autoscalingOf(options.autoscaling))] : []
  const policies = [
    ...defaultPolicies,
    ...(spec ? [policyOf('ours, timetable', spec)] : []),
    ...own,
  ]
  const sizes = spec ? sizesOf(spec) : usualSizes
  const outcomes = await outcomesOf(trace, policies, {
    ...sizes,
    ...(options.cpus ? { cpus: options.cpus } : {}),
  })
  await mkdir(options.out, { recursive: true })
  await writeFile(join(options.out, `${name}.svg`), plot(name, outcomes))
  return table(name, outcomes)
}

async function outcomesOf(
  trace: Trace,
  policies: readonly OurPolicy[],
  sizes: Sizes,
): Promise<Outcome[]> {
  const outcomes = [fluidBound(trace, sizes), clairvoyant(trace, sizes), await peer(trace, sizes)]
  for (const policy of policies) outcomes.push(await ours(trace, sizes, policy))
  return outcomes
}

async function traceOf(name: string, file: string): Promise<Trace> {
  const text = await contentOf(file)
  try {
    return parseTrace(name, text)
  } catch (error) {
    throw new Mistake(`${file}: ${oneLine((error as Error).message)}`)
  }
}

async function specFor(file: string, { jitsi }: SimulateOptions): Promise<JitsiSpec | undefined> {
  const beside = file.replace(/\.csv$/, '.yaml')
  const from = jitsi ?? (beside !== file && existsSync(beside) ? beside : undefined)
  if (from === undefined) return undefined
  const [first] = await jitsisOf(from)
  return first && resolveSpec(first.spec)
}

function autoscalingOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    throw new Mistake('--autoscaling: not JSON')
  }
}
