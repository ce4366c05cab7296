import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import type { LiveObject } from '../cluster/kube-client.ts'
import { installCrds } from '../cluster/metacontroller.ts'
import { metacontrollerCrds } from '../cluster/metacontroller-crds.ts'
import { makeNamespace } from '../cluster/namespace.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { findTools } from '../cluster/tools/install.ts'
import { until } from '../cluster/until.ts'
import {
  chartCopy,
  helm,
  objectsIn,
  rendered,
  renderedText,
  takeOver,
  type Values,
  variants,
} from './chart.ts'
import { writeSchemas } from './kube-schemas.ts'
import { webhooksOf } from './rights.ts'

/*
 * The chart against a real API server: what it renders is valid there, and a release can be
 * installed, upgraded and removed without losing certificate, token or CRD.
 */

const tools = await findTools(['helm', 'kubeconform'])
const plane = await startControlPlane({ nodes: 3 })
t.teardown(() => plane.stop())
const crd = objectsIn(readFileSync(join(repositoryRoot, 'metacontroller/crd.yaml'), 'utf8'))
await installCrds(plane, [...metacontrollerCrds(), ...crd])

const schemas = join(plane.folder, 'schemas')
const written = await until('schemas of the CRDs', async () => {
  const kinds = await writeSchemas(plane.client, schemas)
  const own = [
    'jitsi-apps',
    'compositecontroller-metacontroller',
    'decoratorcontroller-metacontroller',
  ]
  return own.every(kind => existsSync(join(schemas, `${kind}-v1alpha1.json`))) && kinds
})

const crdReference = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'jitsis.apps.jit.si',
}

/** Kinds of add-ons that this API server does not have. */
const foreign = ['Certificate', 'Issuer', 'PrometheusRule', 'ServiceMonitor']

// Pod Security refuses Pods rather than Deployments; what it would refuse comes as a warning.
const namespace = 'jitsi-operator'
await makeNamespace(plane.client, namespace, {
  'pod-security.kubernetes.io/enforce': 'restricted',
})

await t.test('schemas of all kinds come from the API server itself', async t => {
  t.ok(written > 100, `${written} kinds`)
})

for (const { name, values } of variants) {
  await t.test(`${name}: kubeconform accepts all of it`, async t => {
    const report = kubeconform(renderedText(tools.helm, values))
    t.match(report.summary, { invalid: 0, errors: 0 }, report.text)
    t.ok(report.summary.valid > 8, report.text)
  })

  await t.test(`${name}: the API server accepts all of it`, async t => {
    for (const object of rendered(tools.helm, values)) {
      if (foreign.includes(object.kind)) continue
      await t.resolves(plane.client.apply(object, { dryRun: true }), object.kind)
    }
  })
}

await t.test('kubeconform would see a mistake', async t => {
  const text = renderedText(tools.helm).replace('revisionHistoryLimit: 3', 'revisionHistory: 3')
  t.match(kubeconform(text).summary, { invalid: 1 })
})

// The Metacontroller of the chart is not here: its image and chart need a registry.
const beside: Values = { metacontroller: { enabled: false } }

await t.test('a release comes up under Pod Security restricted', async t => {
  // The CRD was applied by hand above, as by a user of the first operator.
  release(['install', 'jitsi-operator', chartCopy(), ...takeOver(tools.helm)])
  const pods = await until('both Pods running', async () => {
    const pods = await plane.client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace })
    const running = pods.filter(({ status }) => (status as { phase?: string })?.phase === 'Running')
    return running.length === 2 && running
  })
  const nodes = new Set(pods.map(({ spec }) => (spec as { nodeName: string }).nodeName))
  t.equal(nodes.size, 2, 'on two nodes')
})

await t.test(
  'an upgrade keeps certificate and token, and makes Metacontroller ask anew',
  async t => {
    const before = await trust(plane)
    release(['upgrade', 'jitsi-operator', chartCopy({ version: '99.0.0' })])
    const after = await trust(plane)
    t.strictSame(after.secrets, before.secrets)
    t.strictSame(after.bundles, before.bundles)
    t.not(after.urls[0], before.urls[0])
    t.match(after.urls[0], 'rev=99.0.0-')
  },
)

await t.test('deleted Secrets are made anew, and the controllers follow them', async t => {
  const before = await trust(plane)
  for (const name of ['jitsi-operator-tls', 'jitsi-operator-token']) {
    await plane.client.remove({ apiVersion: 'v1', kind: 'Secret', name, namespace })
  }
  release(['upgrade', 'jitsi-operator', chartCopy({ version: '99.0.0' })])
  const after = await trust(plane)
  t.not(after.bundles[0], before.bundles[0])
  t.not(after.urls[0], before.urls[0])
})

await t.test('the CRD outlives the release, and the next one takes it over', async t => {
  const find = () => plane.client.find(crdReference)
  const uid = (await find())?.metadata.uid
  release(['uninstall', 'jitsi-operator', '--wait'])
  t.equal((await find())?.metadata.uid, uid)
  release(['install', 'jitsi-operator', chartCopy(), '--take-ownership'])
  t.equal((await find())?.metadata.uid, uid)
})

function release(args: string[]): void {
  const flags = [`--namespace=${namespace}`, `--kubeconfig=${plane.kubeconfig('admin')}`]
  helm(tools.helm, [...args, ...flags], beside)
}

async function trust({ client }: ControlPlane) {
  const at = { apiVersion: 'v1', kind: 'Secret', namespace }
  const secrets = await Promise.all(
    ['jitsi-operator-tls', 'jitsi-operator-token'].map(name => client.get({ ...at, name })),
  )
  const apiVersion = 'metacontroller.k8s.io/v1alpha1'
  const controllers = await Promise.all([
    client.get({ apiVersion, kind: 'CompositeController', name: 'jitsi-operator' }),
    client.get({ apiVersion, kind: 'DecoratorController', name: 'jitsi-operator-observer' }),
  ])
  const webhooks = webhooksOf(controllers)
  return {
    secrets: secrets.map(dataOf),
    urls: webhooks.map(({ url }) => url),
    bundles: webhooks.map(({ caBundle }) => caBundle?.inline),
  }
}

function dataOf(secret: LiveObject): unknown {
  return secret.data
}

interface Report {
  summary: { valid: number; invalid: number; errors: number; skipped: number }
  text: string
}

function kubeconform(yaml: string): Report {
  const location = join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json')
  const args = ['-strict', '-summary', '-output=json', `-skip=${foreign.join(',')}`]
  const text = outputOf(tools.kubeconform, [...args, `-schema-location=${location}`, '-'], yaml)
  return { summary: JSON.parse(text).summary, text }
}

/** What a program prints, also where it finds fault. */
function outputOf(path: string, args: string[], input: string): string {
  try {
    return execFileSync(path, args, { input, encoding: 'utf8' })
  } catch (failure) {
    return (failure as { stdout: string }).stdout
  }
}
