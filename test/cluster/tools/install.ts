import { execFile, spawn } from 'node:child_process'
import { access, constants, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '../repository.ts'
import { catalog, type Tool, type ToolName } from './catalog.ts'

const run = promisify(execFile)

/**
 * Paths of the named programs. A folder that the caller names (JITSI_OPERATOR_TOOLS, then
 * KUBEBUILDER_ASSETS) is taken as it is, then what PATH holds in a version that fits; what is still
 * missing is built from the pinned Go modules (about 8 minutes on two cores for all of them) into
 * a cache outside the repository, and found there from then on.
 */
export async function findTools<Name extends ToolName>(
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const paths: Partial<Record<Name, string>> = {}
  for (const name of names) {
    paths[name] = (await inNamedFolder(name)) ?? (await onPath(name)) ?? (await built(name))
  }
  return paths as Record<Name, string>
}

async function inNamedFolder(name: ToolName): Promise<string | undefined> {
  for (const folder of [process.env.JITSI_OPERATOR_TOOLS, process.env.KUBEBUILDER_ASSETS]) {
    if (folder && (await isExecutable(join(folder, name)))) return join(folder, name)
  }
  return undefined
}

async function onPath(name: ToolName): Promise<string | undefined> {
  const { versionCommand, fits } = catalog[name]
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (!folder || !(await isExecutable(path))) continue
    const printed = await run(path, [...versionCommand]).catch(() => ({ stdout: '' }))
    if (fits.test(printed.stdout)) return path
  }
  return undefined
}

async function built(name: ToolName): Promise<string> {
  const tool: Tool = catalog[name]
  const path = join(cacheFolder(), 'bin', `${name}-${tool.version}`)
  if (await isExecutable(path)) return path
  console.error(`# building ${name} ${tool.version}: minutes the first time, never again`)
  const scratch = join(cacheFolder(), `build-${name}-${process.pid}`)
  await mkdir(dirname(path), { recursive: true })
  await mkdir(scratch, { recursive: true })
  try {
    await (tool.module ? build(tool, tool.module, scratch) : goInstall(tool, scratch))
    await rename(join(scratch, name), path)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  return path
}

function build(tool: Tool, module: string, folder: string): Promise<void> {
  const name = tool.package.includes('/cmd/') ? tool.package.split('/').at(-1) : module
  const output = join(folder, `${name}`)
  return go(['build', '-trimpath', '-o', output, tool.package], {
    cwd: join(repositoryRoot, 'test/cluster/tools', module),
  })
}

function goInstall(tool: Tool, folder: string): Promise<void> {
  return go(['install', '-trimpath', `${tool.package}@${tool.version}`], { gobin: folder })
}

async function go(args: string[], { cwd = '/', gobin = '' }): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: '0', ...(gobin && { GOBIN: gobin }) }
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code =>
      code === 0 ? resolve() : reject(new Error(`go ${args.join(' ')}: exit code ${code}`)),
    )
  })
}

/** The folder of kwok's own stages (how nodes and pods come up), from the Go module cache. */
export async function kwokStages(): Promise<string> {
  const module = `sigs.k8s.io/kwok@${catalog.kwok.version}`
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: '/' })
  return join(JSON.parse(stdout).Dir, 'kustomize/stage')
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'jitsi-operator')
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
