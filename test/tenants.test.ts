import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import t from 'tap'
import type { JitsiSpec } from '../src/api/jitsi.ts'
import type { SyncRequest } from '../src/api/metacontroller.ts'
import { reconcile } from '../src/core/reconcile.ts'
import { relatedRules } from '../src/core/related.ts'
import type { KubeObject } from '../src/kube/types.ts'
import { busy, first, making, requestOf, resting } from './support/arbitraries.ts'
import { settle } from './support/cluster.ts'
import { inputs } from './support/fixtures.ts'
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

law('no answer gives rights, or reaches into the cluster', request => {
  const given = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'Node', 'Namespace']
  return reconcile(request, inputs).response.children.every(({ kind }) => !given.includes(kind))
})
