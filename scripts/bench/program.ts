import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { imageEnvironment, imageFlags } from './image.ts'

/** A program that answers on loopback, in a process of its own so that its CPU time is its own. */
export interface Program {
  url: string
  /** Milliseconds from the start of the process to the first answer of the given path. */
  readyMs: number
  figures: () => Promise<Figures>
  stop: () => Promise<void>
}

/** What the process has used so far. */
export interface Figures {
  cpuMs: number
  residentMB: number
}

/**
 * Starts a program as the image starts the hook, and waits until it answers at `readyPath`. It logs
 * the address it listens on.
 */
export async function start(args: readonly string[], readyPath = '/metrics'): Promise<Program> {
  const began = performance.now()
  const child = spawn(process.execPath, [...imageFlags, ...args], {
    env: { PORT: '0', LOG_LEVEL: 'info', ...imageEnvironment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await addressOf(child)
  await read(`${url}${readyPath}`)
  const readyMs = performance.now() - began
  return {
    url,
    readyMs,
    figures: async () => figuresOf(await read(`${url}/metrics`)),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** The address stands in its first lines; what it logs later is read and forgotten. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the program has no output')
  const lines = createInterface(child.stdout)
  return new Promise((resolve, reject) => {
    lines.on('line', line => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (address) resolve(address)
    })
    child.once('exit', code => reject(new Error(`the program ended with ${code}`)))
  })
}

async function read(url: string): Promise<string> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return answer.text()
}

function figuresOf(metrics: string): Figures {
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1])
  return {
    cpuMs: value('process_cpu_seconds_total') * 1000,
    residentMB: value('process_resident_memory_bytes') / 2 ** 20,
  }
}

/** One connection that is kept, as Metacontroller's client keeps its own. */
export const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 })

/** Posts a body to the sync hook and reads the answer to its end; answers its bytes. */
export function post(url: string, body: Buffer, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const call = request(`${url}/jitsi/sync`, { method: 'POST', agent, headers }, answer => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes)
        else reject(new Error(`the hook answered ${answer.statusCode}`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}
