import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import ts from 'typescript'

/** The repository as `npm run mutants` compiled it: what is run is this, not the sources. */
const compiled = resolve(import.meta.dirname, '../..')

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}

/** Where a source file was compiled to. */
const programOf = (file: string) => join(compiled, file.replace(/\.ts$/, '.js'))

/** Runs something while a file has another text; then all is as before. */
export async function withText<T>(file: string, text: string, run: () => Promise<T>): Promise<T> {
  const program = programOf(file)
  const before = await readFile(program, 'utf8')
  await writeFile(program, ts.transpileModule(text, { compilerOptions }).outputText)
  try {
    return await run()
  } finally {
    await writeFile(program, before)
  }
}

export interface Outcome {
  /** Undefined if it took too long. */
  code: number | undefined
  output: string
}

/** Runs a compiled program, and ends it when it takes too long. */
export function runCompiled(
  file: string,
  args: readonly string[],
  seconds: number,
): Promise<Outcome> {
  const child = spawn(process.execPath, [programOf(file), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // No test is stopped because the machine is busy, and one failure is enough.
    env: { ...process.env, TAP_TIMEOUT: '0', TAP_BAIL: '1' },
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += String(chunk)
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, seconds * 1000)
  return new Promise(done => {
    child.on('close', code => {
      clearTimeout(timer)
      done({ code: late ? undefined : (code ?? undefined), output })
    })
  })
}
