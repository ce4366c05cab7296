import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import t from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import { defaultLimits } from '../../src/service/limits.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import {
  chartCopy,
  chartFolder,
  chartValues,
  findHelm,
  helm,
  objectsIn,
  rendered,
  type Values,
  variants,
} from './chart.ts'
import {
  type Controller,
  controllerOf,
  coreRights,
  otherRights,
  type Rule,
  rightsForChildren,
  rightsOf,
  rulesOf,
  webhooksOf,
} from './rights.ts'

/* The chart as `helm template` renders it; needs a helm on PATH, else all of this is skipped. */

const binary = findHelm()
const skip = binary === undefined && 'no helm on PATH'
const render = (values: Values = {}, folder?: string) => rendered(binary ?? '', values, folder)
const read = (file: string) => readFileSync(join(repositoryRoot, file), 'utf8')

t.test('without helm: the chart is of the version of the package', async t => {
  const { version } = JSON.parse(read('package.json'))
  const chart = load(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8'))
  t.match(chart, { version, appVersion: version })
})

t.test('without helm: the lock is of what the chart depends on', async t => {
  const read = (file: string) => load(readFileSync(join(chartFolder, file), 'utf8')) as Locked
  const { dependencies } = read('Chart.yaml')
  const lock = read('Chart.lock')
  // As Helm works it out, of the members in the order of its own source.
  const asked = dependencies.map(({ name, version, repository, condition, alias }) => {
    return { name, version, repository, condition, alias }
  })
  const locked = asked.map(({ condition: _, alias: __, ...chart }) => chart)
  const digest = createHash('sha256')
    .update(JSON.stringify([asked, locked]))
    .digest('hex')
  t.match(lock, { dependencies: locked, digest: `sha256:${digest}` })
  for (const { version } of locked) t.match(version, /^\d+\.\d+\.\d+$/, 'no range')
})

interface Locked {
  dependencies: Record<'name' | 'version' | 'repository' | 'condition' | 'alias', string>[]
}

t.test('without helm: Metacontroller logs no content of Secrets', async t => {
  const { commandArgs } = chartValues.metacontroller
  t.ok(commandArgs.includes('--zap-log-level=4'))
  t.notOk(commandArgs.some(arg => arg.startsWith('--zap-devel')))
})

t.test('without helm: the CRD of the chart is that of metacontroller/', async t => {
  t.equal(
    readFileSync(join(chartFolder, 'files/crd.yaml'), 'utf8'),
    read('metacontroller/crd.yaml'),
  )
})

t.test('without helm: Metacontroller’s own chart gives nobody a right', async t => {
  t.match(chartValues, { metacontroller: { rbac: { create: false } } })
})

/** Whoever runs Metacontroller gives it what it needs for itself. */
const isBeside = ({ metacontroller }: Values) =>
  (metacontroller as { enabled?: boolean } | undefined)?.enabled === false

for (const { name, values } of variants) {
  t.test(`${name}: lints`, { skip }, async t => {
    t.match(helm(binary ?? '', ['lint', '--strict', chartCopy()], values), '0 chart(s) failed')
  })

  t.test(`${name}: rights follow the declared children`, { skip }, async t => {
    const objects = render(values)
    const composite = controllerOf(objects, 'CompositeController')
    t.strictSame(
      rightsOf(rulesOf(objects, 'jitsi-operator-metacontroller')),
      new Set([...rightsForChildren(composite), ...otherRights]),
    )
    t.strictSame(
      rightsOf(rulesOf(objects, 'jitsi-operator-metacontroller-core')),
      isBeside(values) ? new Set() : coreRights,
    )
    t.strictSame(rightsOf(rulesOf(objects, 'jitsi-operator')), new Set(['/nodes get']))
  })

  t.test(`${name}: everything is in the namespace of the release`, { skip }, async t => {
    const clusterWide =
      /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition|CompositeController|DecoratorController)$/
    for (const { kind, metadata } of render(values)) {
      const namespace = clusterWide.test(kind) ? undefined : 'jitsi-operator'
      t.equal(metadata.namespace, namespace, `${kind} ${metadata.name}`)
    }
  })
}

t.test(
  'people with the role view read Jitsis, and nobody writes them unless asked for',
  {
    skip,
  },
  async t => {
    const roleTo = (objects: KubeObject[], role: string) =>
      objects.filter(
        ({ metadata }) => metadata.labels?.[`rbac.authorization.k8s.io/aggregate-to-${role}`],
      )
    const usual = render()
    t.strictSame(
      roleTo(usual, 'view').flatMap(role => [...rightsOf(role.rules as Rule[])]),
      ['get', 'list', 'watch'].map(verb => `apps.jit.si/jitsis ${verb}`),
    )
    t.strictSame(roleTo(usual, 'edit'), [])
    const writers = roleTo(render({ rbac: { aggregateToEdit: true } }), 'edit')
    t.strictSame(writers.flatMap(role => [...rightsOf(role.rules as Rule[])]).sort(), [
      'apps.jit.si/jitsis create',
      'apps.jit.si/jitsis delete',
      'apps.jit.si/jitsis patch',
      'apps.jit.si/jitsis update',
      'apps.jit.si/jitsis/scale get',
      'apps.jit.si/jitsis/scale patch',
      'apps.jit.si/jitsis/scale update',
    ])
  },
)

t.test('children and strategies are those of metacontroller/', { skip }, async t => {
  const [byHand] = objectsIn(read('metacontroller/controller.yaml'))
  const ours = controllerOf(render(), 'CompositeController')
  t.strictSame(ours.spec.childResources, (byHand as typeof ours).spec.childResources)
  const [observer] = objectsIn(read('metacontroller/decorator.yaml'))
  t.strictSame(
    controllerOf(render(), 'DecoratorController').spec.resources,
    (observer as Controller).spec.resources,
  )
})

t.test('optional kinds are declared only where the cluster has them', { skip }, async t => {
  const kinds = (args: string[]) => {
    const text = helm(binary ?? '', ['template', 'jitsi-operator', chartCopy(), ...args])
    const { childResources = [] } = controllerOf(objectsIn(text), 'CompositeController').spec
    return childResources.map(({ resource }) => resource)
  }
  t.notOk(kinds([]).some(kind => /monitor|route|prometheus/.test(kind)))
  t.match(kinds(['--api-versions=monitoring.coreos.com/v1/PodMonitor']).slice(-2), [
    'podmonitors',
    'prometheusrules',
  ])
  t.equal(kinds(['--api-versions=gateway.networking.k8s.io/v1/HTTPRoute']).at(-1), 'httproutes')
})

t.test('the certificate is signed by the CA that Metacontroller is given', { skip }, async t => {
  const objects = render()
  const secret = objects.find(({ metadata }) => metadata.name === 'jitsi-operator-tls')
  const data = (secret as unknown as { data: Record<string, string> }).data
  const pem = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString()
  const certificate = new X509Certificate(pem('tls.crt'))
  for (const { caBundle, url } of webhooksOf(objects)) {
    t.ok(certificate.verify(new X509Certificate(caBundle?.inline ?? '').publicKey))
    t.ok(certificate.checkHost(new URL(url).hostname), url)
    t.match(url, /^https:/)
  }
})

t.test(
  'cert-manager signs for the host of the hooks, with the CA that Metacontroller reads',
  {
    skip,
  },
  async t => {
    const objects = render({ hook: { tls: { source: 'certManager' } } })
    const certificates = objects.filter(({ kind }) => kind === 'Certificate') as unknown as {
      spec: { secretName: string; isCA?: boolean; dnsNames?: string[]; issuerRef: { name: string } }
    }[]
    const [authority, certificate] = certificates.map(({ spec }) => spec)
    const issuers = objects.filter(({ kind }) => kind === 'Issuer') as unknown as {
      metadata: { name: string }
      spec: { ca?: { secretName: string } }
    }[]
    const issuer = issuers.find(({ metadata }) => metadata.name === certificate?.issuerRef.name)
    t.equal(authority?.isCA, true)
    t.equal(issuer?.spec.ca?.secretName, authority?.secretName)
    for (const { caBundle, url } of webhooksOf(objects)) {
      t.ok(certificate?.dnsNames?.includes(new URL(url).hostname), url)
      t.match(caBundle?.secretRef, { name: certificate?.secretName, key: 'ca.crt' })
    }
  },
)

t.test('the token is asked for, and named to Metacontroller', { skip }, async t => {
  const objects = render()
  const secretRef = { name: 'jitsi-operator-token', namespace: 'jitsi-operator', key: 'token' }
  for (const { authorization } of webhooksOf(objects)) t.match(authorization, { secretRef })
  const secret = objects.find(({ metadata }) => metadata.name === secretRef.name)
  t.match(secret, { data: { token: /^[A-Za-z0-9+/=]{64}$/ } })
})

t.test('the URL changes with the version and with the image, to ask anew', { skip }, async t => {
  // Without random certificate and token, which would change it too.
  const values = {
    hook: { tls: { source: 'none' }, token: { enabled: true, existingSecret: 'x' } },
  }
  const url = (more: Values, folder?: string) =>
    webhooksOf(render({ ...values, ...more }, folder))[0]?.url
  t.equal(url({}), url({}))
  t.not(url({}), url({ image: { tag: 'other' } }))
  t.not(url({}), url({}, chartCopy({ version: '99.0.0' })))
})

t.test('the CRD stays when the release goes', { skip }, async t => {
  const crd = render().find(({ kind }) => kind === 'CustomResourceDefinition')
  t.match(crd?.metadata.annotations, { 'helm.sh/resource-policy': 'keep' })
  const plain = objectsIn(read('metacontroller/crd.yaml'))[0] as unknown as { spec: unknown }
  t.strictSame((crd as unknown as { spec: unknown }).spec, plain.spec)
})

const mistakes: { name: string; values: Values; said: RegExp }[] = [
  { name: 'a value that is misspelt', values: { replcas: 3 }, said: /replcas/ },
  {
    name: 'an unknown kind of trust',
    values: { hook: { tls: { source: 'acme' } } },
    said: /certManager/,
  },
  { name: 'a number as text', values: { replicas: 'two' }, said: /replicas/ },
  {
    name: 'a Secret that is not named',
    values: { hook: { tls: { source: 'existingSecret' } } },
    said: /hook\.tls\.existingSecret/,
  },
  {
    name: 'a repository with a tag in it',
    values: { image: { repository: 'registry.example.org/jitsi-operator:1.0' } },
    said: /image.repository/,
  },
  {
    name: 'a share of Pods without its sign',
    values: { podDisruptionBudget: { maxUnavailable: '50' } },
    said: /maxUnavailable/,
  },
  {
    name: 'a time-out that ends before the service answers',
    values: { hook: { timeout: `${defaultLimits.requestMs}ms` } },
    said: /hook\.timeout: 8000ms must be longer than the 8 s that the service gives a call/,
  },
  {
    name: 'more time for the service than Metacontroller waits',
    values: { extraEnv: [{ name: 'REQUEST_SECONDS', value: '20' }] },
    said: /hook\.timeout: 10s must be longer than the 20 s/,
  },
  ...['HOST', 'PORT', 'LOG_LEVEL', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TOKEN_FILE'].map(name => ({
    name: `${name} a second time`,
    values: { extraEnv: [{ name, value: '1' }] },
    said: new RegExp(`extraEnv: the chart sets ${name} itself; set \\w+`),
  })),
]
for (const { name, values, said } of mistakes) {
  t.test(`refuses ${name}, and says which`, { skip }, async t => {
    t.throws(() => render(values), { message: said })
  })
}

t.test('each variable of the chart is refused a second time', { skip }, async t => {
  const deployment = render().find(({ kind }) => kind === 'Deployment') as unknown as Deployment
  const own = deployment.spec.template.spec.containers.flatMap(({ env }) => env)
  t.ok(own.length > 3)
  for (const variable of own) t.throws(() => render({ extraEnv: [variable] }), variable.name)
})

interface Deployment {
  spec: { template: { spec: { containers: { env: { name: string }[] }[] } } }
}

t.test('the notes say what would go wrong without a word', { skip }, async t => {
  const notes = (values: Values) =>
    helm(binary ?? '', ['install', 'jitsi-operator', chartCopy(), '--dry-run=client'], values)
  const plain = notes({})
  t.notMatch(plain, /JitsiOperatorSilent fires/)
  t.notMatch(plain, /--target-label-selector;/)
  t.match(notes({ prometheusRule: { enabled: true } }), /JitsiOperatorSilent fires for ever/)
  const both = { prometheusRule: { enabled: true }, serviceMonitor: { enabled: true } }
  t.notMatch(notes(both), /JitsiOperatorSilent fires/)
  t.match(notes({ metacontroller: { enabled: false } }), /\(--target-label-selector; controllers\./)
})

t.test('takes time for large fleets, and a time-out that goes with it', { skip }, async t => {
  const extraEnv = [{ name: 'REQUEST_SECONDS', value: '75' }]
  t.match(JSON.stringify(render({ extraEnv, hook: { timeout: '1m15.5s' } })), '1m15.5s')
})

t.test('takes a registry with a port, and a share of Pods', { skip }, async t => {
  const image = { repository: 'localhost:5000/team/jitsi-operator' }
  const objects = render({ image, podDisruptionBudget: { maxUnavailable: '50%' } })
  t.match(JSON.stringify(objects), 'localhost:5000/team/jitsi-operator:0.1.0')
})

t.test('every value is described in the schema', async t => {
  const schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'))
  t.strictSame(undescribed(schema, chartValues), [])
})

interface Schema {
  description?: string
  properties?: Record<string, Schema>
}

/** Paths of values without a description; what is below a free-form object needs none. */
function undescribed({ properties }: Schema, values: Values, path = ''): string[] {
  if (!properties) return []
  return Object.entries(values).flatMap(([key, value]) => {
    const schema = properties[key]
    if (!schema?.description) return path === 'metacontroller.' ? [] : [path + key]
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? undescribed(schema, value as Values, `${path}${key}.`)
      : []
  })
}
