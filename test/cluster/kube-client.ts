import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import type { KubeObject } from '../../src/kube/types.ts'

/** An object as the API server returns it. */
export interface LiveObject extends KubeObject {
  metadata: KubeObject['metadata'] & {
    finalizers?: string[]
    managedFields?: unknown[]
    ownerReferences?: OwnerReference[]
  }
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** How to reach an API server and as whom. */
export interface Access {
  /** `https://127.0.0.1:port`. */
  server: string
  /** PEM of the authority that signed the server's certificate. */
  ca: string
  token: string
}

/** One object's address; cluster-scoped objects have no namespace. */
export interface Reference {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
}

/** A kind's place in the API, from discovery. */
export interface Resource {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
  subresources: readonly string[]
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: LiveObject
}

interface Call {
  method: string
  path: string
  body?: unknown
  contentType?: string
}

/** What the API server said no with. */
export class KubeError extends Error {
  readonly code: number
  readonly reason: string

  constructor(code: number, body: string) {
    const status = asStatus(body)
    super(status.message ?? (body || `HTTP ${code}`))
    this.code = code
    this.reason = status.reason ?? ''
  }
}

/** True for the HTTP code with which the API server refused a call: 404, 409, … */
export function isCode(error: unknown, ...codes: number[]): boolean {
  return error instanceof KubeError && codes.includes(error.code)
}

/** A client of the API server without dependencies: objects in, objects out, KubeError on a no. */
export class KubeClient {
  private readonly access: Access
  private readonly agent: Agent
  private readonly discovered = new Map<string, Resource[]>()

  constructor(access: Access) {
    this.access = access
    this.agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 64 })
  }

  /** Closes idle connections; watches end by their own signal. */
  close(): void {
    this.agent.destroy()
  }

  /** Kinds of one API group version, newly asked for when `find` meets none; undefined if none. */
  async discover(
    apiVersion: string,
    find: (resource: Resource) => boolean,
  ): Promise<Resource | undefined> {
    const known = this.discovered.get(apiVersion)?.find(find)
    if (known) return known
    try {
      const list = await this.raw<ApiResourceList>(groupPath(apiVersion))
      this.discovered.set(apiVersion, resourcesOf(apiVersion, list))
    } catch (error) {
      if (isCode(error, 404)) return undefined
      throw error
    }
    return this.discovered.get(apiVersion)?.find(find)
  }

  async get(reference: Reference): Promise<LiveObject> {
    return this.raw(await this.pathOf(reference))
  }

  /** The object, or undefined where there is none. */
  async find(reference: Reference): Promise<LiveObject | undefined> {
    try {
      return await this.get(reference)
    } catch (error) {
      if (isCode(error, 404)) return undefined
      throw error
    }
  }

  /** All objects of a kind, of one namespace or of all, with kind and apiVersion filled in. */
  async list(
    { apiVersion, kind }: Pick<Reference, 'apiVersion' | 'kind'>,
    { namespace = '', labels = '' } = {},
  ): Promise<LiveObject[]> {
    const path = await this.pathOf({ apiVersion, kind, name: '', namespace })
    const list = await this.raw<ObjectList>(labels ? `${path}?labelSelector=${labels}` : path)
    return list.items.map(item => ({ ...item, apiVersion, kind }))
  }

  async create(object: KubeObject): Promise<LiveObject> {
    const path = await this.pathOf({ ...referenceTo(object), name: '' })
    return this.call({ method: 'POST', path, body: object })
  }

  /** A full PUT; metadata.resourceVersion guards it. */
  async update(object: KubeObject, subresource = ''): Promise<LiveObject> {
    const path = await this.pathOf(referenceTo(object))
    return this.call({
      method: 'PUT',
      path: subresource ? `${path}/${subresource}` : path,
      body: object,
    })
  }

  /** Server-side apply, as `kubectl apply --server-side --force-conflicts` does it. */
  async apply(object: KubeObject, { dryRun = false } = {}): Promise<LiveObject> {
    const query = `fieldManager=cluster-suite&force=true${dryRun ? '&dryRun=All' : ''}`
    return this.call({
      method: 'PATCH',
      path: `${await this.pathOf(referenceTo(object))}?${query}`,
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
  }

  /** A JSON merge patch. */
  async patch(reference: Reference, body: unknown, subresource = ''): Promise<LiveObject> {
    const path = await this.pathOf(reference)
    return this.call({
      method: 'PATCH',
      path: subresource ? `${path}/${subresource}` : path,
      body,
      contentType: 'application/merge-patch+json',
    })
  }

  /** A strategic merge patch, as `kubectl patch` sends it. */
  async strategicPatch(reference: Reference, body: unknown): Promise<LiveObject> {
    return this.call({
      method: 'PATCH',
      path: await this.pathOf(reference),
      body,
      contentType: 'application/strategic-merge-patch+json',
    })
  }

  /** Deletes in the background, as Metacontroller does; `uid` guards against a namesake. */
  async remove(reference: Reference, uid?: string, options: object = {}): Promise<void> {
    const preconditions = uid ? { preconditions: { uid } } : {}
    await this.call({
      method: 'DELETE',
      path: await this.pathOf(reference),
      body: { propagationPolicy: 'Background', ...preconditions, ...options },
    })
  }

  /** Asks for a Pod's eviction, as `kubectl drain` does; a PodDisruptionBudget may refuse it. */
  async evict({ metadata }: KubeObject): Promise<void> {
    const { name, namespace = '' } = metadata
    const path = await this.pathOf({ apiVersion: 'v1', kind: 'Pod', name, namespace })
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
    await this.call({ method: 'POST', path: `${path}/eviction`, body })
  }

  /** GET of any path: `/metrics`, `/readyz`; JSON is parsed, other text is returned as it is. */
  raw<T>(path: string): Promise<T> {
    return this.call<T>({ method: 'GET', path })
  }

  /** Events of a path that answers `watch=true`, until the server ends it or the signal does. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.send({ method: 'GET', path }, signal)
    if (response.statusCode !== 200)
      throw new KubeError(response.statusCode ?? 0, await text(response))
    for await (const line of createInterface({ input: response })) yield JSON.parse(line)
  }

  /** The collection's path when the name is empty, else the object's. */
  async pathOf({ apiVersion, kind, name, namespace }: Reference): Promise<string> {
    const resource = await this.discover(apiVersion, it => it.kind === kind)
    if (!resource) throw new KubeError(404, `no kind ${kind} in ${apiVersion}`)
    const place = resource.namespaced && namespace ? `/namespaces/${namespace}` : ''
    return `${groupPath(apiVersion)}${place}/${resource.plural}${name && `/${name}`}`
  }

  private async call<T>(call: Call): Promise<T> {
    const response = await this.send(call)
    const body = await text(response)
    const code = response.statusCode ?? 0
    if (code < 200 || code > 299) throw new KubeError(code, body)
    return response.headers['content-type']?.startsWith('application/json')
      ? JSON.parse(body)
      : (body as T)
  }

  private send(
    { method, path, body, contentType = 'application/json' }: Call,
    signal?: AbortSignal,
  ): Promise<import('node:http').IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${this.access.token}`,
      accept: 'application/json',
      ...(text !== undefined && {
        'content-type': contentType,
        // Node sends a DELETE without it, and the body is then taken for the next request.
        'content-length': Buffer.byteLength(text),
      }),
    }
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.access.server)
      const outgoing = request(url, {
        method,
        headers,
        agent: this.agent,
        ...(signal && { signal }),
      })
      outgoing.once('response', resolve).once('error', reject)
      outgoing.end(text)
    })
  }
}

/** The address of an object that one has in hand. */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { name, namespace } = metadata
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }
}

interface ObjectList {
  items: LiveObject[]
  metadata: { resourceVersion: string }
}

interface ApiResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[]
}

function resourcesOf(apiVersion: string, { resources }: ApiResourceList): Resource[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced }) => ({
      apiVersion,
      kind,
      plural: name,
      namespaced,
      subresources: resources
        .filter(other => other.name.startsWith(`${name}/`))
        .map(other => other.name.slice(name.length + 1)),
    }))
}

/** `/api/v1`, `/apis/apps/v1`. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

function asStatus(body: string): { message?: string; reason?: string } {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

async function text(response: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
