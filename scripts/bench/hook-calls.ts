import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonicalJson } from '../../src/kube/hash.ts'
import { type FleetSize, restingFleet } from './fleet.ts'
import { costsInTurn, type Lane, laneOf, middleRatio, quantile } from './in-turn.ts'
import { oneConnection, type Program, post, start } from './program.ts'

/** Calls of the whole hook for one fleet, beside what cannot be saved. */
export interface HookCalls {
  bytesIn: number
  bytesOut: number
  /** Milliseconds from the first byte sent to the last one received. */
  p50: number
  p99: number
  /** CPU milliseconds a call, of the whole process with its garbage collection. */
  hook: number
  /** The same for an empty route with the same bodies. */
  emptyRoute: number
  /** The same for JSON.parse of the request and JSON.stringify of the answer alone. */
  floor: number
  /** How many times as much the hook costs, in the middle of the rounds. */
  timesEmptyRoute: number
  timesFloor: number
}

/** The hook as the image runs it. */
export const hookProgram = ['dist/cli.js', 'serve']

const referenceProgram = fileURLToPath(new URL('reference.js', import.meta.url))

/** A request and its answer as bytes. */
export interface Bodies {
  body: Buffer
  answer: Buffer
}

/** The keys of the request are sorted, as Go writes them. No object stays here. */
export function bodiesOf(size: FleetSize): Bodies {
  const { request, answer } = restingFleet(size)
  return {
    body: Buffer.from(canonicalJson(request)),
    answer: Buffer.from(JSON.stringify(answer)),
  }
}

/** Starts the program of the empty route and of the floor for these bodies. */
export async function startReference({ body, answer }: Bodies) {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-bench-'))
  const files = [join(folder, 'request.json'), join(folder, 'answer.json')] as const
  writeFileSync(files[0], body)
  writeFileSync(files[1], answer)
  const program = await start([referenceProgram, ...files])
  rmSync(folder, { recursive: true })
  return program
}

const callsOf = ({ bridges }: FleetSize) => Math.max(6, Math.min(200, Math.round(4000 / bridges)))

/** Measures hook, empty route and floor with the same bodies, in turn. */
export async function hookCalls(size: FleetSize): Promise<HookCalls> {
  const bodies = bodiesOf(size)
  const calls = callsOf(size)
  const posting = { body: bodies.body, calls }
  const answers: { ms: number; bytes: number }[] = []
  const answered: Posting['answered'] = answer => answers.push(answer)
  // A process for each: whoever shares one collects less garbage, in a heap that the other has grown.
  const lanes = {
    hook: await postingLane(await start(hookProgram), { ...posting, answered }),
    emptyRoute: await postingLane(await startReference(bodies), posting),
    floor: await floorLane(bodies, calls),
  }
  answers.length = 0
  const { hook, emptyRoute, floor } = await costsInTurn(lanes, 15)
  const times = answers.map(({ ms }) => ms)
  return {
    bytesIn: bodies.body.length,
    bytesOut: answers[0]?.bytes ?? 0,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    hook: quantile(hook, 0.5),
    emptyRoute: quantile(emptyRoute, 0.5),
    floor: quantile(floor, 0.5),
    timesEmptyRoute: middleRatio(hook, emptyRoute),
    timesFloor: middleRatio(hook, floor),
  }
}

/** How many times as much CPU time one fleet takes as the other, in turn: of the hook, and of the floor. */
export async function costRatios(
  one: FleetSize,
  other: FleetSize,
): Promise<{ hook: number; floor: number }> {
  const [ofOne, ofOther] = [bodiesOf(one), bodiesOf(other)]
  const costs = await costsInTurn(
    {
      hookOne: await hookLane(ofOne, callsOf(one)),
      hookOther: await hookLane(ofOther, callsOf(other)),
      floorOne: await floorLane(ofOne, callsOf(one)),
      floorOther: await floorLane(ofOther, callsOf(other)),
    },
    9,
  )
  return {
    hook: middleRatio(costs.hookOne, costs.hookOther),
    floor: middleRatio(costs.floorOne, costs.floorOther),
  }
}

interface Posting {
  body: Buffer
  calls: number
  answered?: (answer: { ms: number; bytes: number }) => void
}

async function postingLane(program: Program, { body, calls, answered }: Posting): Promise<Lane> {
  const agent = oneConnection()
  const call = async () => {
    const began = performance.now()
    const bytes = await post(program.url, body, agent)
    answered?.({ ms: performance.now() - began, bytes })
  }
  const { cost, stop } = await laneOf(program, call, calls)
  return {
    cost,
    stop: () => {
      agent.destroy()
      return stop()
    },
  }
}

async function hookLane({ body }: Bodies, calls: number): Promise<Lane> {
  return postingLane(await start(hookProgram), { body, calls })
}

async function floorLane(bodies: Bodies, calls: number): Promise<Lane> {
  const program = await startReference(bodies)
  return laneOf(program, () => fetch(`${program.url}/floor`), calls)
}
