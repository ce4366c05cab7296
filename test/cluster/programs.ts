import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

/*
 * Runs with nothing but a pipe to us: when we are gone, however that happened, the pipe closes and
 * it ends the programs whose pids it was told. Its own session keeps Ctrl-C away from it.
 */
const reaper = `
  let pids = ''
  process.stdin.on('data', data => { pids += data })
  process.stdin.on('end', () => {
    const kill = signal => {
      for (const pid of pids.split('\\n').filter(Boolean)) try { process.kill(Number(pid), signal) } catch {}
    }
    kill('SIGTERM')
    setTimeout(() => kill('SIGKILL'), 3000)
  })
`

/** One program to start. */
export interface Program {
  path: string
  args: readonly string[]
  env?: Record<string, string>
}

/**
 * The programs of one control plane: each writes to `<folder>/<name>.log`, and none outlives this
 * process.
 */
export class Programs {
  readonly folder: string
  private readonly running = new Map<string, ChildProcess>()
  private readonly known = new Map<string, Program>()
  private readonly reaper: ChildProcess

  constructor(folder: string) {
    this.folder = folder
    this.reaper = spawn(process.execPath, ['-e', reaper], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    this.reaper.unref()
    ;(this.reaper.stdin as unknown as { unref?: () => void }).unref?.()
  }

  /** Starts a program under a name that is free, and returns at once. */
  start(name: string, program: Program): void {
    const { path, args, env } = program
    this.known.set(name, program)
    const log = openSync(join(this.folder, `${name}.log`), 'a')
    const child = spawn(path, [...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    child.on('error', () => this.running.delete(name))
    child.on('exit', () => {
      if (this.running.get(name) === child) this.running.delete(name)
    })
    this.running.set(name, child)
    this.reaper.stdin?.write(`${child.pid}\n`)
  }

  /** Starts a program that has ended once more, as it was started last. */
  again(name: string): void {
    const program = this.known.get(name)
    if (!program) throw new Error(`${name} was never started`)
    this.start(name, program)
  }

  /** Sends a signal, such as SIGSTOP and SIGCONT, and waits for nothing. */
  signal(name: string, signal: NodeJS.Signals): void {
    if (!this.running.get(name)?.kill(signal)) throw new Error(`${name} has ended`)
  }

  /** Kills without a farewell, and waits until it is gone; throws when it has ended by itself. */
  async kill(name: string): Promise<void> {
    await this.mustRun(name)
    const child = this.running.get(name)
    if (!child) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Throws with the end of its log when the named program is not running any more. */
  async mustRun(name: string): Promise<void> {
    if (this.running.has(name)) return
    const log = await readFile(join(this.folder, `${name}.log`), 'utf8')
    throw new Error(`${name} has ended:\n${log.slice(-2000)}`)
  }

  /** Asks the named program to end and waits for it; a deaf one is killed after five seconds. */
  async stop(name: string): Promise<void> {
    const child = this.running.get(name)
    if (!child) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGTERM')
    const deadline = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(deadline)
  }

  /** Ends all programs, the youngest first. */
  async stopAll(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.stop(name)
    this.reaper.stdin?.end()
  }
}

/** Loopback TCP ports that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
