import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { ConfigMistake, readConfig, Settings } from '../config.ts'
import { Mistake } from './mistake.ts'
import type { SimulateOptions } from './simulate.ts'

// Each command imports what it runs when it runs: none needs what the others are made of.

/** Exit codes: 0 done, 1 a bug of ours, 2 the caller's mistake. */
export type ExitCode = 0 | 1 | 2

/** Runs one command line; `argv` without node and script. Errors are one line each, on stderr. */
export async function run(argv: readonly string[], version: string): Promise<ExitCode> {
  process.stdout.on('error', unlessNobodyReads)
  try {
    await program(version).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof Mistake || error instanceof ConfigMistake) {
      complain(error.message)
      return 2
    }
    throw error
  }
}

function program(version: string): Command {
  const jitsi = new Command('jitsi-operator')
    .description('Runs Jitsi Meet on Kubernetes: the hook service for Metacontroller.')
    .version(version)
    .exitOverride()
    // Commander puts its suggestion on a second line.
    .configureOutput({
      outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`),
    })
  addServe(jitsi, version)
  addRender(jitsi)
  addSync(jitsi)
  addPorts(jitsi)
  addSimulate(jitsi)
  jitsi
    .command('crd')
    .description('print the CustomResourceDefinition of Jitsi as YAML')
    .action(async () => {
      const { crdYaml } = await import('./crd.ts')
      print(crdYaml())
    })
  return jitsi
}

function addServe(jitsi: Command, version: string) {
  jitsi
    .command('serve')
    .description('run the hook service; its settings are environment variables')
    .addHelpText('after', () => `\nEnvironment:\n${settingsHelp()}`)
    .action(async () => {
      const config = readConfig()
      const { serve } = await import('./serve.ts')
      await serve(config, version)
    })
}

function addRender(jitsi: Command) {
  jitsi
    .command('render')
    .description('print all objects that the Jitsis in YAML files become; needs no cluster')
    .argument('<file...>', 'YAML or JSON files; - is standard input')
    .option('-n, --namespace <name>', 'for a Jitsi that names none', 'default')
    .option(
      '--child-resource <apiVersion/plural>',
      'render an optional kind too: monitoring.coreos.com/v1/podmonitors (repeatable)',
      (kind: string, kinds: string[]) => [...kinds, childResource(kind)],
      [] as string[],
    )
    .option('--now <time>', 'plan as if it were that time (RFC 3339)', time)
    .action(async (files: string[], { namespace, childResource: childResources, now }) => {
      const { renderFiles } = await import('./render.ts')
      const { yaml, mistakes } = await renderFiles(files, {
        namespace,
        childResources,
        now: now ?? new Date(),
      })
      print(yaml)
      if (mistakes.length > 0) throw new Mistake(mistakes.join('\n'))
    })
}

function addSync(jitsi: Command) {
  jitsi
    .command('sync')
    .description('print the answer to a recorded sync request; needs no cluster')
    .argument('<file>', 'the request as JSON or YAML; - is standard input')
    .option('--now <time>', 'answer as if it were that time (RFC 3339)', time)
    .action(async (file: string, { now }: { now?: Date }) => {
      const { answerToFile } = await import('./sync.ts')
      print(await answerToFile(file, now ?? new Date()))
    })
}

function addPorts(jitsi: Command) {
  jitsi
    .command('ports')
    .description('print what the firewall must let in for the Jitsis in a file')
    .argument('<file>', 'YAML or JSON, also of kubectl get jitsi -o yaml; - is standard input')
    .option('--json', 'print JSON instead of a table')
    .action(async (file: string, { json }: { json?: true }) => {
      const { firewallRules, rulesTable } = await import('./ports.ts')
      const rules = await firewallRules(file)
      print(json ? `${JSON.stringify(rules, undefined, 2)}\n` : rulesTable(rules))
    })
}

function addSimulate(jitsi: Command) {
  jitsi
    .command('simulate')
    .description('replay days of meetings: what autoscaling makes of them, and what others would')
    .argument('<day.csv...>', 'minute,room,participants; DAY.yaml beside it is its Jitsi')
    .option('--jitsi <file>', 'replay all days with the Jitsi in this YAML file')
    .option('--autoscaling <json>', 'one more policy: spec.jvb.autoscaling')
    .option('--cpus <number>', 'CPUs of a bridge', count)
    .option('--out <folder>', 'where the pictures go', '.')
    .action(async (days: string[], options: SimulateOptions) => {
      const { simulateDay } = await import('./simulate.ts')
      for (const day of days) print(`${await simulateDay(day, options)}\n`)
    })
}

function settingsHelp(): string {
  return Object.entries(Settings.properties)
    .map(([name, { description, default: value }]) => {
      const unset = value === undefined ? '' : ` (${value})`
      return `  ${name.padEnd(16)} ${description}${unset}\n`
    })
    .join('')
}

function childResource(text: string): string {
  if (/^([-a-z0-9.]+\/)?v[0-9a-z]+\/[a-z]+$/.test(text)) return text
  throw new InvalidArgumentError('It is written like monitoring.coreos.com/v1/podmonitors.')
}

function count(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 1 to 99.')
}

function time(text: string): Date {
  const at = new Date(text)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(at.getTime())) return at
  throw new InvalidArgumentError('It is written like 2026-01-31T08:00:00Z.')
}

function print(text: string) {
  process.stdout.write(text)
}

/** `head` has seen enough: no mistake of anybody, and the exit code stays what it is. */
function unlessNobodyReads(error: NodeJS.ErrnoException) {
  if (error.code !== 'EPIPE') throw error
}

function complain(message: string) {
  process.stderr.write(message.replace(/^/gm, 'error: ').concat('\n'))
}
