import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { objectsIn } from '../chart/chart.ts'
import { writeOverlay } from '../chart/shipped.ts'
import { brokenRuleCases } from '../support/broken-rules.ts'
import { startControlPlane } from './control-plane.ts'
import { addOnCrds, example } from './install.ts'
import { examples, renderedExample } from './jitsi-lab.ts'
import { installCrds } from './metacontroller.ts'
import { metacontrollerCrds } from './metacontroller-crds.ts'
import { makeNamespace } from './namespace.ts'
import { componentsWithPods, ourTemplate, overrideCases, serverMerge, stored } from './pod-merge.ts'
import { repositoryRoot } from './repository.ts'
import { until } from './until.ts'

/*
 * The API as people meet it: the CRD on a real API server, `kubectl explain`, refusals, and what
 * `jitsi-operator render` prints.
 */

t.setTimeout(0)
const run = promisify(execFile)

const plane = await startControlPlane({ nodes: 1 })
t.teardown(() => plane.stop())
const { client, kubectl } = plane
const crd = objectsIn(readFileSync(join(repositoryRoot, 'metacontroller/crd.yaml'), 'utf8'))
await installCrds(plane, [...crd, ...addOnCrds(), ...metacontrollerCrds()])
await makeNamespace(client, 'api')
await makeNamespace(client, 'jitsi-operator', {
  'pod-security.kubernetes.io/enforce': 'restricted',
})
const env = { ...process.env, KUBECONFIG: plane.kubeconfig('admin') }

interface Schema {
  description?: string
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | boolean
  allOf?: Schema[]
}

await t.test('every field of a Jitsi is described', async t => {
  const schema = await until('the schema of Jitsi', async () => {
    const path = '/openapi/v3/apis/apps.jit.si/v1alpha1'
    const { components } = await client.raw<{ components: { schemas: Record<string, Schema> } }>(
      path,
    )
    return components.schemas['si.jit.apps.v1alpha1.Jitsi']
  })
  const { spec, status } = schema.properties ?? {}
  t.strictSame(
    undescribed({ properties: { ...(spec && { spec }), ...(status && { status }) } }, 'jitsi'),
    [],
  )
  const { stdout } = await run(kubectl, ['explain', 'jts.spec.jvb.ports.udp'], { env })
  t.match(stdout, /DESCRIPTION:\s+\S+/)
})

/** Paths of fields without a description; free-form Kubernetes types are described by Kubernetes. */
function undescribed(schema: Schema, path: string): string[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description ? [] : [`${path}.${name}`]),
    ...undescribed(field, `${path}.${name}`),
  ])
  return [...inner, ...(schema.items ? undescribed(schema.items, `${path}[]`) : [])]
}

const mistakes = [
  { name: 'no domain', spec: {}, says: /spec\.domain: Required value/ },
  {
    name: 'a strategy that is none',
    spec: { jvb: { strategy: { type: 'big' } } },
    says: /Unsupported value: "big": supported values: "static"/,
  },
  {
    name: 'a label that none can be',
    spec: { jvb: { nodeSelector: { pool: 'media, large' } } },
    says: /spec\.jvb\.nodeSelector\.pool: Invalid value: "media, large"/,
  },
  ...brokenRuleCases.map(({ says, ...mistake }) => ({ ...mistake, says: { message: says } })),
]

for (const { name, spec, says } of mistakes) {
  await t.test(`a Jitsi with ${name} is refused, and the message helps`, async t => {
    const [minimal] = example('minimal.yaml', 'api')
    const base = name === 'no domain' ? {} : { domain: 'meet.example.org' }
    await t.rejects(
      client.apply({
        ...minimal,
        apiVersion: 'apps.jit.si/v1alpha1',
        kind: 'Jitsi',
        metadata: { name: 'meet', namespace: 'api' },
        spec: { ...base, ...spec },
      }),
      says,
    )
  })
}

for (const { name, overrides, patch } of overrideCases) {
  await t.test(`what a person says of ${name} is merged as the API server would`, async t => {
    for (const component of componentsWithPods) {
      const before = ourTemplate(component, {})
      const after = ourTemplate(component, overrides)
      t.strictSame(
        await stored(client, after),
        await serverMerge(client, before, { patch: patch(component, before), like: after }),
        component,
      )
    }
  })
}

for (const components of [[], ['monitoring', 'gateway']]) {
  const title = ['metacontroller/', ...components].join(' with ')
  await t.test(`kubectl apply -k ${title} passes a server's dry run`, async t => {
    const folder = t.testdir({})
    writeOverlay(folder, components)
    // The CRD is there already, from somebody else.
    const flags = ['--server-side', '--force-conflicts', '--dry-run=server']
    const { stdout } = await run(kubectl, ['apply', ...flags, '-k', folder], { env })
    t.match(stdout, 'deployment.apps/jitsi-operator serverside-applied (server dry run)')
    t.match(stdout, /compositecontroller\S*\/jitsi-operator serverside-applied/)
  })
}

for (const file of examples) {
  await t.test(`what render makes of ${file} passes a server's dry run`, async t => {
    const child = spawn(kubectl, ['apply', '--dry-run=server', '--namespace=default', '-f', '-'], {
      env,
    })
    let complaints = ''
    child.stderr.on('data', chunk => {
      complaints += chunk
    })
    child.stdout.resume()
    child.stdin.end(await renderedExample(file))
    const [code] = await once(child, 'close')
    t.equal(code, 0, complaints)
  })
}
