import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonicalJson } from '../../src/kube/hash.ts'
import { type FleetSize, restingFleet } from './fleet.ts'
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
}

/** The hook as the image runs it. */
export const hookProgram = ['dist/cli.js', 'serve']

const referenceProgram = fileURLToPath(new URL('reference.js', import.meta.url))

/** As bytes: the request, its keys sorted as Go writes them, and the answer. No object stays here. */
export function bodiesOf(size: FleetSize): { body: Buffer; answer: Buffer } {
  const { request, answer } = restingFleet(size)
  return {
    body: Buffer.from(canonicalJson(request)),
    answer: Buffer.from(JSON.stringify(answer)),
  }
}

/** Starts the program of the empty route and of the floor for these bodies. */
export async function startReference({ body, answer }: { body: Buffer; answer: Buffer }) {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-bench-'))
  const files = [join(folder, 'request.json'), join(folder, 'answer.json')] as const
  writeFileSync(files[0], body)
  writeFileSync(files[1], answer)
  const program = await start([referenceProgram, ...files])
  rmSync(folder, { recursive: true })
  return program
}

/** So many rounds, each of all three in turn: whatever else the machine does, it does to all. */
const rounds = 9

const callsOf = ({ bridges }: FleetSize) => Math.max(6, Math.min(200, Math.round(4000 / bridges)))

/** Measures hook, empty route and floor with the same bodies, in turn. */
export async function hookCalls(size: FleetSize): Promise<HookCalls> {
  const bodies = bodiesOf(size)
  // A process for each: whoever shares one collects less garbage, in a heap that the other has grown.
  const hook = await start(hookProgram)
  const emptyRoute = await startReference(bodies)
  const floor = await startReference(bodies)
  const [toHook, toRoute] = [oneConnection(), oneConnection()]
  const times: number[] = []
  let bytesOut = 0
  const calls = callsOf(size)
  const turns = {
    hook: await rehearsed(hook, async () => {
      const began = performance.now()
      bytesOut = await post(hook.url, bodies.body, toHook)
      times.push(performance.now() - began)
    }),
    emptyRoute: await rehearsed(emptyRoute, () => post(emptyRoute.url, bodies.body, toRoute)),
    floor: await rehearsed(floor, () => fetch(`${floor.url}/floor`)),
  }
  times.length = 0
  const cpu = { hook: [0], emptyRoute: [0], floor: [0] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['hook', 'emptyRoute', 'floor'] as const) {
      cpu[name][round] = await turns[name](calls)
    }
  }
  toHook.destroy()
  toRoute.destroy()
  await Promise.all([hook, emptyRoute, floor].map(program => program.stop()))
  return {
    bytesIn: bodies.body.length,
    bytesOut,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    hook: quantile(cpu.hook, 0.5),
    emptyRoute: quantile(cpu.emptyRoute, 0.5),
    floor: quantile(cpu.floor, 0.5),
  }
}

/** How many times as much CPU time one fleet takes as the other, in turn: of the hook, and of the floor. */
export async function costRatios(
  one: FleetSize,
  other: FleetSize,
): Promise<{ hook: number; floor: number }> {
  const pairs = {
    hook: [await hookAlone(one), await hookAlone(other)],
    floor: [await floorAlone(one), await floorAlone(other)],
  } as const
  const ratios = { hook: [0], floor: [0] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['hook', 'floor'] as const) {
      const [first, second] = pairs[name]
      ratios[name][round] = (await first.cost()) / (await second.cost())
    }
  }
  await Promise.all([...pairs.hook, ...pairs.floor].map(({ stop }) => stop()))
  return { hook: quantile(ratios.hook, 0.5), floor: quantile(ratios.floor, 0.5) }
}

async function hookAlone(size: FleetSize) {
  const hook = await start(hookProgram)
  const { body } = bodiesOf(size)
  const agent = oneConnection()
  const cost = await rehearsed(hook, () => post(hook.url, body, agent))
  const stop = () => {
    agent.destroy()
    return hook.stop()
  }
  return { cost: () => cost(callsOf(size)), stop }
}

async function floorAlone(size: FleetSize) {
  const floor = await startReference(bodiesOf(size))
  const cost = await rehearsed(floor, () => fetch(`${floor.url}/floor`))
  return { cost: () => cost(callsOf(size)), stop: floor.stop }
}

/** Answers what one call of a program costs in CPU milliseconds; the first calls compile it. */
async function rehearsed({ figures }: Program, call: () => Promise<unknown>) {
  for (let time = 0; time < 6; time++) await call()
  return async (calls: number) => {
    const before = await figures()
    for (let time = 0; time < calls; time++) await call()
    return ((await figures()).cpuMs - before.cpuMs) / calls
  }
}

/** The value below which so large a share of the values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
