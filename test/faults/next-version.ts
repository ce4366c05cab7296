import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../cluster/repository.ts'

/**
 * What the next release changes: web's Deployment, the Pods of bridges (a rollout), and prosody's
 * (a restart, which has to wait for the meetings).
 */
const changes = [
  { file: 'components/web.ts', from: 'minReadySeconds: 10', to: 'minReadySeconds: 11' },
  { file: 'components/jvb/template.ts', from: 'answersProbe(5, 3)', to: 'answersProbe(6, 3)' },
  { file: 'components/prosody.ts', from: 'initialDelaySeconds: 60', to: 'initialDelaySeconds: 61' },
]

/** Builds another version of the program, and returns the path to run. */
export function nextVersion(): string {
  // Inside of the repository, so that it finds the packages.
  const folder = join(repositoryRoot, '.cache/faults/next-version')
  rmSync(folder, { recursive: true, force: true })
  const source = join(folder, 'src')
  cpSync(join(repositoryRoot, 'src'), source, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0' }))
  for (const { file, from, to } of changes) {
    const path = join(source, file)
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} does not say "${from}" once`)
    writeFileSync(path, text.replace(from, to))
  }
  const program = join(folder, 'dist/cli.js')
  execFileSync(join(repositoryRoot, 'scripts/build.sh'), [join(source, 'cli.ts'), program])
  return program
}
