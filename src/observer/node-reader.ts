import { readFile } from 'node:fs/promises'
import type { Node } from 'kubernetes-types/core/v1.js'
import { exchange } from './exchange.ts'
import { type ReadNode, rememberNodes } from './node-memory.ts'

/** How to reach the API server; the service's only right there is `nodes: get`. */
export interface ApiServer {
  /** Without a slash at the end. */
  url: string
  /** Read again for each call, because the kubelet replaces it every hour; none: no token. */
  tokenFile?: string
  /** None: the authorities that Node trusts. */
  caFile?: string
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server that a Pod's environment names, or undefined outside of a cluster. Where the
 * service runs beside a cluster, SERVICE_ACCOUNT_FOLDER names a folder with `token` and `ca.crt`.
 */
export function inClusterApi(env: Record<string, string | undefined>): ApiServer | undefined {
  const host = env.KUBERNETES_SERVICE_HOST
  if (host === undefined || host === '') return undefined
  const port = env.KUBERNETES_SERVICE_PORT ?? '443'
  const folder = env.SERVICE_ACCOUNT_FOLDER || accountFolder
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile: `${folder}/token`,
    caFile: `${folder}/ca.crt`,
  }
}

/** Reads Nodes by name from the API server. */
export function nodeReader(api: ApiServer, now: () => Date): ReadNode {
  return rememberNodes((name, signal) => readNode(api, name, signal), now)
}

/** Bytes: a Node lists the images that it holds, and takes up to some hundred KiB. */
const largestNode = 4 * 1024 * 1024

async function readNode(api: ApiServer, name: string, signal: AbortSignal): ReturnType<ReadNode> {
  const [token, ca] = await Promise.all([textOf(api.tokenFile), textOf(api.caFile)])
  const url = `${api.url}/api/v1/nodes/${encodeURIComponent(name)}`
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token.trim()}` }),
  }
  const options = { signal, headers, ...(ca === undefined ? {} : { ca }) }
  const { status, body } = await exchange(url, options, largestNode)
  if (status === 404) return 'gone'
  if (status !== 200) throw new Error(`GET node ${name} answered ${status}, not 200`)
  const node = JSON.parse(body) as Node
  if (node.metadata?.name !== name) throw new Error(`the answer is not about node ${name}`)
  return node
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : readFile(file, 'utf8')
}
