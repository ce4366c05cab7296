import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../service/self-signed.ts'
import { type Access, KubeClient, type LiveObject } from './kube-client.ts'
import { podStages } from './pod-stages.ts'
import { freePorts, Programs } from './programs.ts'
import { findTools } from './tools/install.ts'
import { until } from './until.ts'

/**
 * Who talks to the API server: the audit log tells their writes apart, RBAC their rights. The two
 * service accounts are those of metacontroller/, so that its roles are in force here too.
 */
export const usernames = {
  admin: 'admin',
  metacontroller: 'system:serviceaccount:metacontroller:metacontroller',
  service: 'system:serviceaccount:jitsi-operator:jitsi-operator',
  /** A person, with no rights but those that a test gives. */
  person: 'person',
} as const
export type User = keyof typeof usernames
const users = Object.keys(usernames) as User[]

/** Label of a node whose kubelet says nothing and hears nothing any more. */
export const silentKubelet = 'example.test/silent-kubelet'

export interface ControlPlaneOptions {
  /** kwok nodes: node-1 … node-N. */
  nodes?: number
  /** A node whose kubelet is silent for so long is unreachable. */
  nodeGraceSeconds?: number
  /**
   * Addresses of pods. A range of loopback addresses lets programs on this machine answer at a
   * pod's address, but then no EndpointSlice can hold it.
   */
  podCidr?: string
  /** Users whose reads are logged too, beside the writes of all. */
  auditReadsOf?: readonly User[]
  /** Admission plugins beside those of the API server itself. */
  admission?: readonly string[]
  /** Where certificates, data and logs go; without one, a temporary folder that `stop` removes. */
  folder?: string
}

/** A running Kubernetes control plane on loopback. */
export interface ControlPlane {
  folder: string
  /** Programs that should end with this control plane are started here. */
  programs: Programs
  kubectl: string
  access: (user: User) => Access
  /** Path of a kubeconfig. */
  kubeconfig: (user: User) => string
  client: KubeClient
  auditLog: string
  stop: () => Promise<void>
}

interface Ports {
  etcd: number
  etcdPeer: number
  apiserver: number
  controllerManager: number
  scheduler: number
}

interface Setup {
  folder: string
  ports: Ports
  tools: Record<(typeof needed)[number], string>
  programs: Programs
}

const needed = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
] as const

/** Writes, and the reads of some, without bodies: who did what to which object. */
const auditPolicy = (readers: readonly User[]) => `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
${readers.map(user => `- level: Metadata\n  users: ["${usernames[user]}"]\n`).join('')}- level: None
`

/**
 * Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok (which plays nodes
 * and kubelets) on free loopback ports, and returns when every node is Ready: about five seconds.
 * Nothing of it outlives this process.
 */
export async function startControlPlane({
  nodes = 5,
  nodeGraceSeconds = 50,
  podCidr = '10.64.0.1/16',
  auditReadsOf = [],
  admission = [],
  folder: given,
}: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const tools = await findTools(needed)
  const folder = given ?? mkdtempSync(join(tmpdir(), 'jitsi-operator-cluster-'))
  mkdirSync(join(folder, 'pki'), { recursive: true })
  const setup: Setup = { folder, ports: await choosePorts(), tools, programs: new Programs(folder) }
  const stop = async () => {
    await setup.programs.stopAll()
    if (!given) await rm(folder, { recursive: true, force: true })
  }
  try {
    const tokens = writeIdentities(folder, auditReadsOf)
    startStore(setup)
    const { client, access } = await apiserver(setup, { tokens, admission })
    const kubeconfigs = writeKubeconfigs(folder, access)
    await startControllers(setup, { podCidr, nodeGraceSeconds, kubeconfig: kubeconfigs.admin })
    await addNodes(client, nodes)
    return {
      folder,
      programs: setup.programs,
      kubectl: tools.kubectl,
      access,
      kubeconfig: user => kubeconfigs[user],
      client,
      auditLog: join(folder, 'audit.log'),
      stop: async () => {
        client.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function choosePorts(): Promise<Ports> {
  const [etcd = 0, etcdPeer = 0, apiserver = 0, controllerManager = 0, scheduler = 0] =
    await freePorts(5)
  return { etcd, etcdPeer, apiserver, controllerManager, scheduler }
}

/**
 * Writes the service account key, the audit policy, a token for each user, and what the API server
 * shows to an aggregated API when it passes a call on.
 */
function writeIdentities(folder: string, readers: readonly User[]): Record<User, string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const write = (name: string, text: string | Buffer) =>
    writeFileSync(join(folder, 'pki', name), text, { mode: 0o600 })
  write('sa.key', privateKey.export({ type: 'pkcs1', format: 'pem' }))
  write('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }))
  write('audit.yaml', auditPolicy(readers))
  const { cert, key } = selfSigned('front-proxy')
  write('front-proxy.crt', cert)
  write('front-proxy.key', key)
  const tokens = Object.fromEntries(
    users.map(user => [user, randomBytes(16).toString('hex')]),
  ) as Record<User, string>
  const groups = (user: User) => (user === 'admin' ? ',system:masters' : '')
  const lines = users.map(user => `${tokens[user]},${usernames[user]},${user}${groups(user)}\n`)
  write('tokens.csv', lines.join(''))
  return tokens
}

function startStore({ tools, ports, programs }: Setup): void {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  programs.start('etcd', {
    path: tools.etcd,
    args: [
      '--data-dir=etcd',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
    ],
  })
}

async function apiserver(
  { folder, ports, tools, programs }: Setup,
  { tokens, admission }: { tokens: Record<User, string>; admission: readonly string[] },
) {
  programs.start('kube-apiserver', {
    path: tools['kube-apiserver'],
    args: [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${ports.apiserver}`,
      '--cert-dir=pki',
      '--service-account-key-file=pki/sa.pub',
      '--service-account-signing-key-file=pki/sa.key',
      '--service-account-issuer=https://kubernetes.default.svc',
      '--token-auth-file=pki/tokens.csv',
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/16',
      '--endpoint-reconciler-type=none',
      '--allow-privileged=true',
      '--audit-policy-file=pki/audit.yaml',
      '--audit-log-path=audit.log',
      // An aggregated API believes who calls through this server, as in every cluster.
      '--requestheader-client-ca-file=pki/front-proxy.crt',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--proxy-client-cert-file=pki/front-proxy.crt',
      '--proxy-client-key-file=pki/front-proxy.key',
      ...admission.map(plugin => `--enable-admission-plugins=${plugin}`),
    ],
  })
  const certificate = join(folder, 'pki/apiserver.crt')
  const ca = await until('the certificate of kube-apiserver', async () => {
    await programs.mustRun('kube-apiserver')
    return readFileSync(certificate, 'utf8')
  })
  const server = `https://127.0.0.1:${ports.apiserver}`
  const access = (user: User): Access => ({ server, ca, token: tokens[user] })
  const client = new KubeClient(access('admin'))
  await until('kube-apiserver', async () => {
    await programs.mustRun('kube-apiserver')
    return (await client.raw<string>('/readyz')) === 'ok'
  })
  return { client, access }
}

function writeKubeconfigs(folder: string, access: (user: User) => Access): Record<User, string> {
  const paths = users.map(user => {
    const { server, token } = access(user)
    const path = join(folder, user === 'admin' ? 'kubeconfig' : `kubeconfig-${user}`)
    const text = `apiVersion: v1
kind: Config
clusters: [{name: local, cluster: {server: "${server}", certificate-authority: pki/apiserver.crt}}]
users: [{name: ${user}, user: {token: "${token}"}}]
contexts: [{name: local, context: {cluster: local, user: ${user}}}]
current-context: local
`
    writeFileSync(path, text, { mode: 0o600 })
    return [user, path]
  })
  return Object.fromEntries(paths)
}

async function startControllers(
  { folder, ports, tools, programs }: Setup,
  {
    podCidr,
    nodeGraceSeconds,
    kubeconfig,
  }: { podCidr: string; nodeGraceSeconds: number; kubeconfig: string },
): Promise<void> {
  programs.start('kube-controller-manager', {
    path: tools['kube-controller-manager'],
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--service-account-private-key-file=pki/sa.key',
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      `--secure-port=${ports.controllerManager}`,
      '--bind-address=127.0.0.1',
      '--horizontal-pod-autoscaler-sync-period=2s',
      `--node-monitor-grace-period=${nodeGraceSeconds}s`,
    ],
  })
  programs.start('kube-scheduler', {
    path: tools['kube-scheduler'],
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      `--secure-port=${ports.scheduler}`,
      '--bind-address=127.0.0.1',
    ],
  })
  writeFileSync(join(folder, 'kwok.yaml'), await podStages())
  programs.start('kwok', {
    path: tools.kwok,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--manage-nodes-with-label-selector=!${silentKubelet}`,
      '--node-ip=127.0.0.1',
      `--cidr=${podCidr}`,
      // It is renewed four times in that time: as often as kubelets do.
      `--node-lease-duration-seconds=${Math.round(0.8 * nodeGraceSeconds)}`,
      '--config=kwok.yaml',
    ],
  })
}

/** Adds node-1 … node-N in three zones, and waits until all are Ready and namespaces work. */
async function addNodes(client: KubeClient, count: number): Promise<void> {
  // Room for every example: the school's week alone asks for twelve bridges of four CPUs.
  const resources = { cpu: '64', memory: '256Gi', pods: '110' }
  for (let i = 1; i <= count; i++) {
    const name = `node-${i}`
    await client.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'topology.kubernetes.io/zone': `zone-${i % 3}`,
        },
      },
      status: {
        // Without a Hostname kwok would write addresses of its own.
        addresses: [
          { type: 'Hostname', address: name },
          { type: 'InternalIP', address: `10.1.0.${i}` },
          { type: 'ExternalIP', address: `203.0.113.${i}` },
        ],
        allocatable: resources,
        capacity: resources,
      },
    })
  }
  await until('all nodes Ready', async () => {
    const nodes = await client.list({ apiVersion: 'v1', kind: 'Node' })
    return nodes.every(node => condition(node, 'Ready') === 'True')
  })
  await until('the default service account', () => hasServiceAccount(client, 'default'))
}

/** Pods are refused in a namespace until kube-controller-manager gave it a service account. */
export async function hasServiceAccount(client: KubeClient, namespace: string): Promise<boolean> {
  const reference = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }
  return (await client.find(reference)) !== undefined
}

/** The status of one condition of any object, or undefined. */
export function condition(object: LiveObject, type: string): string | undefined {
  const { conditions } = (object.status ?? {}) as {
    conditions?: { type: string; status: string }[]
  }
  return conditions?.find(it => it.type === type)?.status
}
