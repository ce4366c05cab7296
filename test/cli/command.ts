import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Node alone, as it runs what ships: the test runner gives its loaders to every child through
 * NODE_OPTIONS, whatever environment the child is given here.
 */
const plainNode = ['-u', 'NODE_OPTIONS', process.execPath]

/**
 * Builds the program as it ships, for this test alone; it goes when the test ends. Far from the
 * repository, so that it finds no package: all that it needs is in it.
 */
function built(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'dist', 'cli.js')
  const build = [join(root, 'scripts/build.sh'), join(root, 'src/cli.ts'), program]
  execFileSync('env', ['-u', 'NODE_OPTIONS', ...build])
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  return program
}

const script = built()

type Env = Record<string, string>

/** Starts the real program, and Node with such flags. */
export function start(args: readonly string[], env: Env = {}, flags: string[] = []): ChildProcess {
  return spawn('env', [...plainNode, ...flags, script, ...args], {
    env: { ...process.env, ...env },
  })
}

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program to its end. */
export async function run(args: readonly string[], input = '', env: Env = {}): Promise<Finished> {
  const child = start(args, env)
  // It need not read what it is given.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const [stdout, stderr, code] = await Promise.all([
    outputOf(child.stdout),
    outputOf(child.stderr),
    ended,
  ])
  return { code, stdout, stderr }
}

function outputOf(stream: NodeJS.ReadableStream | null): Promise<string> | string {
  return stream ? text(stream) : ''
}
