import { loadAll } from 'js-yaml'
import t from 'tap'
import { resolveSpec } from '../../src/core/context.ts'
import { hostPortFields } from '../../src/core/host-ports.ts'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { statusOf } from './bridge-pods.ts'
import {
  allIn,
  applyExample,
  examples,
  renderedExample,
  smallExamples,
  startLab,
} from './jitsi-lab.ts'
import { referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { until } from './until.ts'

/*
 * Examples in a namespace for which the API server enforces Pod Security `restricted`: all Pods run
 * but those with host ports, and the Jitsi says so of these. The Pods of every example, those of
 * large fleets and recorders among them, are shown to the same API server without being run. And
 * what else it refuses Pods for, whatever a Jitsi asks for.
 */

t.setTimeout(0)

const lab = await startLab()
t.teardown(() => lab.stop())
const { client } = lab.plane
t.comment(`hooks called by: ${lab.metacontroller.name}`)

const patience = { timeoutMs: 120_000, everyMs: 500 }

for (const file of smallExamples) {
  await t.test(`examples/${file}`, async t => {
    const namespace = file.replace('.yaml', '')
    await makeNamespace(client, namespace, {
      'pod-security.kubernetes.io/enforce': 'restricted',
    })
    const jitsi = await applyExample(lab.plane, file, namespace)
    const forbidden = hostPortFields(resolveSpec(jitsi.spec))
    const deployments = await until(
      `the Deployments of ${file} have Pods`,
      () => allReady(jitsi),
      patience,
    )
    t.ok(deployments.length >= 3)
    if (forbidden.includes('spec.jvb.exposure.type')) await saysWhy(jitsi)
    else await bridgeRuns(jitsi)
    const pods = (await allIn(lab.plane, namespace)).filter(({ kind }) => kind === 'Pod')
    t.strictSame(pods.filter(usesHostPorts), [], 'none with a port of its node was let in')
    await client.remove(referenceTo(jitsi))
    await until('all gone', async () => (await allIn(lab.plane, namespace)).length === 0, patience)
  })
}

await t.test(
  'the Pods of every example are let in, but those with ports of their node',
  async t => {
    await makeNamespace(client, 'shown', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    for (const file of examples) {
      const pods = podsOf(loadAll(await renderedExample(file)) as KubeObject[])
      // Bridges of a daemonset come with nodes, which no file has.
      t.ok(pods.length >= 3, file)
      for (const pod of pods) {
        const judged = await client.apply(pod, { dryRun: true }).then(
          () => 'let in',
          (error: Error) => error.message,
        )
        const expected = usesHostPorts(pod) ? /violates PodSecurity "restricted/ : /^let in$/
        t.match(judged, expected, `${pod.metadata.name} of ${file}`)
      }
    }
  },
)

await t.test('privileges and paths of the node are refused, and an event says so', async t => {
  await makeNamespace(client, 'privileged', { 'pod-security.kubernetes.io/enforce': 'restricted' })
  const jitsi = await applyExample(lab.plane, 'node-port.yaml', 'privileged')
  const web = {
    securityContext: { privileged: true, allowPrivilegeEscalation: true },
    volumes: [{ name: 'node', hostPath: { path: '/' } }],
  }
  await client.patch(referenceTo(jitsi), { spec: { web } })
  const said = await refusal('privileged', /violates PodSecurity.*/)
  t.match(said, /privileged/)
  t.match(said, /hostPath/)
})

await t.test('so are more Pods than the quota of the namespace allows', async t => {
  await makeNamespace(client, 'quota')
  await limit('quota', { 'services.loadbalancers': '0', pods: '2' })
  await applyExample(lab.plane, 'node-port.yaml', 'quota')
  t.match(await refusal('quota', /exceeded quota.*/), /tenant/)
})

await t.test('and more Jitsis, at once', async t => {
  const jitsis = 'count/jitsis.apps.jit.si'
  await makeNamespace(client, 'few')
  // The controller of quotas learns of kinds every 30 s, and then looks at quotas that change.
  let pods = 100
  const counts = async () => {
    pods += 1
    const quota = await limit('few', { [jitsis]: '1', pods: `${pods}` })
    const { used = {} } = (quota.status ?? {}) as { used?: Record<string, string> }
    return used[jitsis] === '0'
  }
  await until('the quota counts', counts, { ...patience, everyMs: 5_000 })
  const jitsi = await applyExample(lab.plane, 'node-port.yaml', 'few')
  const another = { ...jitsi, metadata: { name: 'another', namespace: 'few' } }
  await t.rejects(client.create(another), { code: 403, message: /exceeded quota: tenant/ })
})

/** A quota of the namespace of a tenant. */
function limit(namespace: string, hard: Record<string, string>) {
  const metadata = { name: 'tenant', namespace }
  return client.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } })
}

/** Pods as they would be made in that namespace, those of Deployments too. */
function podsOf(objects: readonly KubeObject[]): KubeObject[] {
  return objects.flatMap(({ kind, metadata: { name }, spec }) => {
    const podSpec = kind === 'Deployment' ? (spec as Template).template.spec : spec
    if (kind !== 'Pod' && kind !== 'Deployment') return []
    const metadata = { name, namespace: 'shown' }
    return [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec }]
  })
}

/** What an event in the namespace says of it, once there is one. */
function refusal(namespace: string, words: RegExp): Promise<string> {
  return until(
    `an event like ${words}`,
    async () => {
      const events = await client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace })
      const messages = events.map(({ message }) => words.exec(String(message))?.[0])
      return messages.find(message => message !== undefined) ?? false
    },
    patience,
  )
}

/** All Deployments, when each has as many Pods as it wants; those with host ports never will. */
async function allReady({ metadata: { namespace = '' } }: KubeObject) {
  const all = (await allIn(lab.plane, namespace)).filter(({ kind }) => kind === 'Deployment')
  const welcome = all.filter(({ spec }) => !usesHostPorts((spec as Template).template))
  const ready = welcome.every(({ spec, status }) => {
    const { replicas } = spec as { replicas: number }
    return ((status ?? {}) as { readyReplicas?: number }).readyReplicas === replicas
  })
  return welcome.length >= 3 && ready && welcome
}

async function saysWhy(jitsi: KubeObject): Promise<void> {
  await until(
    'PodSecurityForbids',
    async () => {
      const { conditions = [] } = await statusOf(client, jitsi)
      const reasons = new Map(conditions.map(({ type, reason }) => [type, reason]))
      return ['Ready', 'PortsAvailable'].every(type => reasons.get(type) === 'PodSecurityForbids')
    },
    patience,
  )
}

async function bridgeRuns({ metadata: { namespace = '' } }: KubeObject): Promise<void> {
  await until(
    'a bridge',
    async () =>
      (await allIn(lab.plane, namespace)).some(
        ({ metadata, status }) =>
          metadata.labels?.[label.observe] === 'jvb' &&
          (status as { phase?: string }).phase === 'Running',
      ),
    patience,
  )
}

interface Template {
  template: KubeObject
}

function usesHostPorts({ spec }: KubeObject): boolean {
  const { hostNetwork, containers = [] } = spec as {
    hostNetwork?: boolean
    containers?: { ports?: { hostPort?: number }[] }[]
  }
  return hostNetwork === true || containers.some(({ ports }) => ports?.some(it => it.hostPort))
}
