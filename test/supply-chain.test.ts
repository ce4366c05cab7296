import { readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import t from 'tap'
import { shippedPackages } from '../scripts/sbom/shipped-packages.ts'

/* What we build on is pinned, and can be listed. */

const folder = '.github/workflows'
const workflows = readdirSync(folder).map(file => ({
  file,
  text: readFileSync(`${folder}/${file}`, 'utf8'),
}))

interface Locked {
  packages: Record<string, { dev?: boolean; link?: boolean; integrity?: string; version?: string }>
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Locked
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')

t.test('actions of others are named by commit, and say which version that is', async t => {
  const used = workflows.flatMap(({ text }) => text.match(/uses: (?!\.\/).*/g) ?? [])
  t.ok(used.length > 3)
  for (const line of used) t.match(line, /^uses: [\w./-]+@[0-9a-f]{40} # v\d/)
})

t.test('a workflow may read and no more, but for the job that says otherwise', async t => {
  for (const { file, text } of workflows) {
    const { permissions } = load(text) as { permissions?: unknown }
    t.strictSame(permissions, { contents: 'read' }, file)
  }
})

t.test('the release signs where image and chart come from, and what is in the image', async t => {
  const { text = '' } = workflows.find(({ file }) => file === 'release.yaml') ?? {}
  const signed = [...text.matchAll(/subject-digest: \$\{\{ steps\.(\w+)\.outputs\.digest/g)]
  t.strictSame(new Set(signed.map(([, step]) => step)), new Set(['image', 'chart']))
  t.match(text, 'sbom-path: out/jitsi-operator.cdx.json')
  t.match(text, '--provenance=mode=max')
  for (const base of ['BUILD_IMAGE', 'RUNTIME_IMAGE']) t.match(text, `"${base}=$(pinned ${base})"`)
})

t.test('the image has a base without a shell, and runs without root', async t => {
  const dockerfile = readFileSync('Dockerfile', 'utf8')
  t.match(dockerfile, /^ARG RUNTIME_IMAGE=gcr\.io\/distroless\//m)
  t.match(dockerfile, /^USER 65532:65532$/m)
})

t.test('the audit leaves out no package: one for development writes what is shipped', async t => {
  t.match(readFileSync('.ci/run', 'utf8'), /npm audit --audit-level=high 2>&1/)
  t.match(readFileSync('scripts/build.sh', 'utf8'), 'esbuild')
  t.ok(lock.packages['node_modules/esbuild']?.dev)
})

t.test('every package is locked with its digest', async t => {
  t.ok(locked.length > 100)
  t.strictSame(
    locked.filter(([, { integrity, link }]) => !integrity && !link).map(([path]) => path),
    [],
  )
})

t.test('the SBOM lists what the image holds, and nothing else', async t => {
  const { bomFormat, components } = shippedPackages()
  t.equal(bomFormat, 'CycloneDX')
  const shipped = locked
    .filter(([, { dev }]) => !dev)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`)
  const listed = components.map(({ name, version }) => `${name}@${version}`)
  t.strictSame([...new Set(listed)].sort(), [...new Set(shipped)].sort())
})
