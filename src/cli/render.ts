import { dump } from 'js-yaml'
import { apiVersion } from '../api/crd.ts'
import type { ObjectMap, SyncRequest, SyncResponse } from '../api/metacontroller.ts'
import { resolveSpec } from '../core/context.ts'
import { reconcile } from '../core/reconcile.ts'
import { relatedRules } from '../core/related.ts'
import { checkedAnswer } from '../hooks/checked-answer.ts'
import type { KubeObject } from '../kube/types.ts'
import { brokenRules } from './broken-rules.ts'
import { documentsOf, nameOf } from './documents.ts'
import { Mistake } from './mistake.ts'
import { asStored, firstRequest, isRelated, nextRequest, observedObjects } from './observed.ts'
import { placeholderPasswords } from './placeholder.ts'

export interface RenderOptions {
  /** For a Jitsi that names none. */
  namespace: string
  /** Optional kinds to render as well: `monitoring.coreos.com/v1/podmonitors`. */
  childResources: readonly string[]
  now: Date
}

export interface Rendered {
  yaml: string
  /** What makes a Jitsi unusable as it is written, one line each. */
  mistakes: string[]
}

/** An answer that follows itself: more rounds mean that the plan does not come to rest. */
const mostRounds = 10

/**
 * All objects that the Jitsis in the files become, as if their Secrets were there already. Other
 * objects in the files (ConfigMaps, Secrets, Nodes) are what the Jitsis may refer to.
 */
export async function renderFiles(
  files: readonly string[],
  options: RenderOptions,
): Promise<Rendered> {
  const parents: KubeObject[] = []
  const others: KubeObject[] = []
  for (const file of files) {
    const objects = await objectsOf(file, options.namespace)
    parents.push(...objects.filter(isJitsi))
    others.push(...objects.filter(object => !isJitsi(object)).map(asStored))
  }
  if (parents.length === 0) {
    const where = files.map(nameOf).join(', ')
    throw new Mistake(`${where}: no object of apiVersion ${apiVersion} and kind Jitsi in it`)
  }
  const answers = parents.map(parent => ({ parent, answer: atRest(parent, others, options) }))
  return {
    yaml: answers.map(({ parent, answer }) => yamlOf(parent, answer)).join(''),
    mistakes: answers.flatMap(mistakesOf),
  }
}

async function objectsOf(file: string, namespace: string): Promise<KubeObject[]> {
  const documents = await documentsOf(file)
  if (documents.length === 0) throw new Mistake(`${nameOf(file)}: there is nothing in it`)
  return documents.map((document, at) => {
    if (!isObject(document)) {
      const which = documents.length > 1 ? `document ${at + 1}` : 'it'
      throw new Mistake(
        `${nameOf(file)}: ${which} is no Kubernetes object with apiVersion, kind and metadata.name`,
      )
    }
    return { ...document, metadata: { namespace, ...document.metadata } }
  })
}

/** Feeds the answer back as what exists until it stays the same. */
function atRest(
  parent: KubeObject,
  others: readonly KubeObject[],
  { childResources, now }: RenderOptions,
): SyncResponse {
  const password = placeholderPasswords()
  let request: SyncRequest = {
    ...firstRequest(parent, relatedTo(parent, others)),
    controller: { spec: { childResources: childResources.map(childResource) } },
  }
  let before = ''
  for (let round = 0; round < mostRounds; round += 1) {
    const answer = checkedAnswer(reconcile(request, { now, password }).response)
    const after = JSON.stringify(answer)
    if (after === before) return answer
    before = after
    request = nextRequest(request, answer)
  }
  throw new Error(`the plan changes its answer at each of ${mostRounds} calls`)
}

/** Of the other objects those that the Jitsi asks Metacontroller for. */
function relatedTo(parent: KubeObject, others: readonly KubeObject[]): ObjectMap {
  const { namespace = 'default' } = parent.metadata
  const rules = relatedRules(parent)
  const wanted = others.filter(object => rules.some(rule => isRelated(object, rule)))
  return observedObjects(wanted, namespace)
}

function childResource(text: string): { apiVersion: string; resource: string } {
  const at = text.lastIndexOf('/')
  return { apiVersion: text.slice(0, at), resource: text.slice(at + 1) }
}

function yamlOf({ metadata }: KubeObject, { children }: SyncResponse): string {
  const head = `# Jitsi ${metadata.namespace}/${metadata.name}: ${children.length} objects.\n`
  return head + children.map(child => documentOf(child, metadata.namespace)).join('')
}

function documentOf(child: KubeObject, namespace = 'default'): string {
  const { apiVersion, kind, metadata, ...rest } = child
  const warning =
    kind === 'Secret'
      ? '# Placeholders, not passwords: the running service makes random ones.\n'
      : ''
  const object = { apiVersion, kind, metadata: { namespace, ...metadata }, ...rest }
  return `---\n${warning}${dump(object, { noRefs: true })}`
}

/**
 * What an API server refuses, and the condition that speaks of the spec; others wait for a cluster.
 */
function mistakesOf({ parent, answer }: { parent: KubeObject; answer: SyncResponse }): string[] {
  const conditions = (answer.status.conditions ?? []) as Record<string, string>[]
  const said = conditions
    .filter(({ type, status }) => type === 'ConfigurationValid' && status === 'False')
    .map(({ type, reason, message }) => `${type}: ${reason}: ${message}`)
  return [...brokenRules(resolveSpec(parent.spec)), ...said].map(
    mistake => `${parent.metadata.name}: ${mistake}`,
  )
}

function isJitsi(object: KubeObject): boolean {
  return object.kind === 'Jitsi' && object.apiVersion === apiVersion
}

function isObject(document: unknown): document is KubeObject {
  const { apiVersion, kind, metadata } = (document ?? {}) as Partial<KubeObject>
  return typeof apiVersion === 'string' && typeof kind === 'string' && !!metadata?.name
}
