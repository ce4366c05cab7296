import type { FleetSize } from './fleet.ts'
import { bodiesOf, hookProgram, startReference } from './hook-calls.ts'
import { oneConnection, type Program, post, start } from './program.ts'

const connections = 4
const callsEach = 200

/**
 * Calls a second of CPU time, of the hook and of an empty route: what one core takes when it has
 * nothing else to do. Several connections at once, so that the process never waits for a client.
 */
export async function throughput(size: FleetSize): Promise<{ hook: number; emptyRoute: number }> {
  const bodies = bodiesOf(size)
  return {
    hook: await rate(await start(hookProgram), bodies.body),
    emptyRoute: await rate(await startReference(bodies), bodies.body),
  }
}

async function rate(program: Program, body: Buffer): Promise<number> {
  await load(program, body)
  const before = await program.figures()
  await load(program, body)
  const { cpuMs } = await program.figures()
  await program.stop()
  return (connections * callsEach * 1000) / (cpuMs - before.cpuMs)
}

async function load({ url }: Program, body: Buffer) {
  const agents = Array.from({ length: connections }, oneConnection)
  await Promise.all(
    agents.map(async agent => {
      for (let call = 0; call < callsEach; call++) await post(url, body, agent)
      agent.destroy()
    }),
  )
}
