import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import type { DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import type { PodSpec } from 'kubernetes-types/core/v1.js'
import type { IngressSpec } from 'kubernetes-types/networking/v1.js'
import t from 'tap'
import type { JitsiSpec } from '../src/api/jitsi.ts'
import type { SyncRequest } from '../src/api/metacontroller.ts'
import { contextOf } from '../src/core/context.ts'
import { specProblems } from '../src/core/problems.ts'
import { reconcile } from '../src/core/reconcile.ts'
import { relatedRules } from '../src/core/related.ts'
import type { KubeObject } from '../src/kube/types.ts'
import { busy, first, making, requestOf, resting } from './support/arbitraries.ts'
import { settle } from './support/cluster.ts'
import { inputs, jitsi, now, objectMap, request as requestFor } from './support/fixtures.ts'
import { goldenCases, goldenNodes } from './support/golden-cases.ts'

/*
 * Metacontroller writes whatever it is answered, with its own rights, and shows the plan whatever
 * it asks for. So no spec may make an answer reach out of the namespace of its Jitsi.
 */

t.setTimeout(180_000)

const goldenRequests = goldenCases().map(
  ({ first: asked }) => settle(asked, { nodes: goldenNodes }).request,
)

function law(name: string, holds: (request: SyncRequest) => boolean) {
  t.test(name, async t => {
    const recipes = fc.oneof(first, making, resting, busy)
    const run = fc.check(
      fc.property(recipes, recipe => holds(requestOf(recipe))),
      { numRuns: 60 },
    )
    t.notOk(run.failed, JSON.stringify({ seed: run.seed, by: run.counterexample }))
    t.ok(goldenRequests.every(holds), 'golden inputs')
  })
}

law('every object that is answered is in the namespace of its Jitsi', request => {
  const { namespace } = request.parent.metadata
  return reconcile(request, inputs).response.children.every(
    ({ metadata }) => metadata.namespace === namespace,
  )
})

/** What the controllers declare: Metacontroller would create any other kind, and never delete it. */
const declared = new Set(
  [
    'controller.yaml',
    'components/gateway/kustomization.yaml',
    'components/monitoring/kustomization.yaml',
  ]
    .flatMap(file => loadAll(readFileSync(`metacontroller/${file}`, 'utf8')))
    .flatMap(document => [
      ...JSON.stringify(document).matchAll(/resource\\*":\\*"(\w+)|resource: (\w+)/g),
    ])
    .map(([, inJson, inYaml]) => inJson ?? inYaml ?? ''),
)

law('every object that is answered is of a kind that is declared', request => {
  return reconcile(request, inputs).response.children.every(({ kind }) =>
    declared.has(plural(kind)),
  )
})

/** As Kubernetes makes it of these kinds. */
function plural(kind: string): string {
  const word = kind.toLowerCase()
  if (word.endsWith('s')) return `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}

law('of other namespaces nothing is seen; of the cluster, Nodes and the own namespace', request => {
  const { namespace = '' } = request.parent.metadata
  return relatedRules(request.parent).every(rule => {
    if (rule.resource === 'nodes') return mayLookAtNodes(request.parent)
    if (rule.resource === 'namespaces') return rule.names?.join() === namespace
    return rule.namespace === namespace
  })
})

/** Bridges of a daemonset follow the nodes; a TURN server may be on some, by their labels. */
function mayLookAtNodes({ spec }: KubeObject): boolean {
  const { jvb, coturn } = spec as Partial<JitsiSpec>
  return jvb?.strategy?.type === 'daemonset' || coturn?.nodeSelector !== undefined
}

law('what a Secret holds is answered in Secrets alone', request => {
  const { response } = reconcile(request, inputs)
  const objects = [request.children, request.related ?? {}, objectMap(response.children)]
    .flatMap(map => Object.values(map))
    .flatMap(group => Object.values(group))
  const secrets = objects.filter(({ kind }) => kind === 'Secret').flatMap(textsOf)
  const told = JSON.stringify([
    response.status,
    response.children.filter(({ kind }) => kind !== 'Secret'),
  ])
  return !secrets.some(secret => told.includes(secret))
})

/** Values that nothing else has by chance. */
const textsOf = ({ data = {} }: KubeObject): string[] =>
  Object.values(data as Record<string, string>)
    .flatMap(encoded => [encoded, Buffer.from(encoded, 'base64').toString()])
    .filter(text => text.length >= 8)

t.test('a Secret that a Pod names is read by its kubelet: the plan never sees it', async t => {
  const env = [{ name: 'X', valueFrom: { secretKeyRef: { name: 'others', key: 'x' } } }]
  const asked = relatedRules(
    jitsi({ spec: { web: { env, envFrom: [{ secretRef: { name: 'others' } }] } } }),
  )
  t.notMatch(JSON.stringify(asked), 'others')
})

law('a Pod has a token only where its Jitsi names an account', request => {
  const named = JSON.stringify(request.parent.spec).includes('serviceAccountName')
  return podSpecs(request).every(
    ({ automountServiceAccountToken, serviceAccountName }) =>
      automountServiceAccountToken === false || (named && serviceAccountName !== undefined),
  )
})

/** Of Pods and of what makes Pods. */
const podSpecs = (request: SyncRequest) =>
  reconcile(request, inputs).response.children.flatMap(({ kind, spec }) =>
    kind === 'Pod' || kind === 'Deployment'
      ? [kind === 'Pod' ? (spec as PodSpec) : ((spec as DeploymentSpec).template.spec as PodSpec)]
      : [],
  )

law(
  'an Ingress or HTTPRoute is for the domain of its Jitsi, at the Gateways that it names',
  request => {
    const { domain, gateway } = request.parent.spec as JitsiSpec
    return reconcile(request, inputs).response.children.every(({ kind, spec }) => {
      if (kind === 'Ingress') return hostsOf(spec as IngressSpec).every(host => host === domain)
      if (kind !== 'HTTPRoute') return true
      const { hostnames, parentRefs } = spec as { hostnames: string[]; parentRefs: object[] }
      const ofGateways = { group: 'gateway.networking.k8s.io', kind: 'Gateway' }
      const named = gateway.parentRefs.map(parent => ({ ...ofGateways, ...parent }))
      return hostnames.join() === domain && isDeepStrictEqual(parentRefs, named)
    })
  },
)

const hostsOf = ({ rules = [], tls = [] }: IngressSpec) => [
  ...rules.map(({ host }) => host),
  ...tls.flatMap(({ hosts = [] }) => hosts),
]

law('a Pod that is no child is no bridge, whatever it says of itself', request => {
  const forged = Object.values(request.children['Pod.v1'] ?? {}).map(pod => {
    const { ownerReferences: _, ...metadata } = pod.metadata
    return { ...pod, metadata: { ...metadata, name: `forged-${metadata.name}` } }
  })
  const pods = { ...request.related?.['Pod.v1'], ...objectMap(forged)['Pod.v1'] }
  const misled = { ...request, related: { ...request.related, 'Pod.v1': pods } }
  return isDeepStrictEqual(reconcile(misled, inputs), reconcile(request, inputs))
})

t.test('a Jitsi cannot ask for more bridges on a node, or ports, than is written', async t => {
  const fatal = (jvb: object) =>
    specProblems(contextOf(requestFor({ jitsi: jitsi({ spec: { jvb } }) }), now)).fatal
  const most = { strategy: { type: 'daemonset', perNode: 16 }, ports: { count: 1000 } }
  t.strictSame(fatal(most), [])
  t.match(fatal({ strategy: { ...most.strategy, perNode: 17 } }), [{ reason: 'WrongShape' }])
  t.match(fatal({ ports: { count: 1001 } }), [{ reason: 'WrongShape' }])
})

t.test('the page names every kind that whoever writes Jitsis can have written', async t => {
  const page = readFileSync('docs/security.md', 'utf8').toLowerCase()
  const kinds = /to write jitsis in a namespace.*?give it to nobody/.exec(page)?.[0] ?? ''
  for (const kind of declared) t.match(kinds, kind)
})

law('no answer gives rights, or reaches into the cluster', request => {
  const given = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'Node', 'Namespace']
  return reconcile(request, inputs).response.children.every(({ kind }) => !given.includes(kind))
})
