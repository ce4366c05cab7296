import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { rightsUsed } from '../cluster/audit.ts'
import { startControlPlane, usernames } from '../cluster/control-plane.ts'
import { referenceTo } from '../cluster/kube-client.ts'
import { installCrds } from '../cluster/metacontroller.ts'
import { metacontrollerCrds } from '../cluster/metacontroller-crds.ts'
import { makeNamespace } from '../cluster/namespace.ts'
import { freePorts } from '../cluster/programs.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { rightsNotMissed } from '../cluster/rights-not-missed.ts'
import { findTools } from '../cluster/tools/install.ts'
import { until } from '../cluster/until.ts'
import { chartCopy, helm, objectsIn, rendered, takeOver } from './chart.ts'
import { startNameProxy } from './name-proxy.ts'
import { type Rule, rightsOf } from './rights.ts'

/*
 * Certificate and token of the chart between the real Metacontroller and the service: they let
 * Metacontroller in and nobody else, and replacing both does not need a restart. Metacontroller
 * has only the rights that the chart and metacontroller/rbac.yaml give it.
 *
 * Needs METACONTROLLER_BIN; the stand-in speaks plain HTTP.
 */

const binary = process.env.METACONTROLLER_BIN ?? ''
const skip = binary === '' && 'METACONTROLLER_BIN names no Metacontroller'
const namespace = 'jitsi-operator'
const host = `jitsi-operator.${namespace}.svc`

await t.test('TLS and token as the chart sets them up', { skip }, async t => {
  const { helm: helmPath } = await findTools(['helm'])
  const plane = await startControlPlane({ nodes: 2, auditReadsOf: ['metacontroller'] })
  t.teardown(() => plane.stop())
  const manifest = (file: string) =>
    objectsIn(readFileSync(join(repositoryRoot, 'metacontroller', file), 'utf8'))
  await installCrds(plane, [...metacontrollerCrds(), ...manifest('crd.yaml')])
  await makeNamespace(plane.client, namespace)
  await makeNamespace(plane.client, 'meet')
  // What Metacontroller needs whatever it runs; what a Jitsi needs comes with the chart.
  for (const object of manifest('rbac.yaml')) {
    if (object.metadata.name.endsWith('-core')) await plane.client.apply(object)
  }

  const release = (command: string, ...flags: string[]) => {
    const at = [`--namespace=${namespace}`, `--kubeconfig=${plane.kubeconfig('admin')}`]
    const args = [command, 'jitsi-operator', chartCopy(), ...at, ...flags]
    helm(helmPath, args, { metacontroller: { enabled: false } })
  }
  release('install', ...takeOver(helmPath))

  // The chart gives these to the Metacontroller that it installs; here it runs beside the chart.
  const subjects = [
    { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: usernames.metacontroller },
  ]
  const leader = rendered(helmPath).filter(({ metadata }) => metadata.name.endsWith('-leader'))
  for (const object of leader) {
    await plane.client.apply(object.kind === 'RoleBinding' ? { ...object, subjects } : object)
  }

  const secrets = ['jitsi-operator-tls', 'jitsi-operator-token']
  const removeSecret = (name: string) =>
    plane.client.remove({ apiVersion: 'v1', kind: 'Secret', name, namespace })
  const file = (name: string) => join(plane.folder, name)
  /** As the kubelet does: the Secrets become files. */
  const mountSecrets = async () => {
    for (const name of secrets) {
      const secret = await plane.client.get({ apiVersion: 'v1', kind: 'Secret', name, namespace })
      for (const [key, value] of Object.entries(secret.data as Record<string, string>)) {
        writeFileSync(file(key), Buffer.from(value, 'base64'))
      }
    }
  }
  await mountSecrets()
  const [port = 0, metrics, health] = await freePorts(3)
  plane.programs.start('service', {
    path: process.execPath,
    args: [join(repositoryRoot, 'dist/cli.js'), 'serve'],
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      TLS_CERT_FILE: file('tls.crt'),
      TLS_KEY_FILE: file('tls.key'),
      TOKEN_FILE: file('token'),
      RELOAD_SECONDS: '1',
    },
  })
  const ca = () => readFileSync(file('ca.crt'), 'utf8')
  const token = () => readFileSync(file('token'), 'utf8')
  const call = (authorization?: string) => status({ port, ca: ca(), authorization })
  await until('the service', async () => (await call()) > 0)

  await t.test('the service lets the token in, and nothing else', async t => {
    t.equal(await call(`Bearer ${token()}`), 200)
    t.equal(await call('Bearer wrong'), 401)
    t.equal(await call(), 401)
    await t.rejects(fetch(`http://127.0.0.1:${port}/readyz`), 'plain HTTP')
  })

  const proxy = await startNameProxy(port)
  t.teardown(() => {
    proxy.server.close()
    proxy.server.closeAllConnections()
  })
  plane.programs.start('metacontroller', {
    path: binary,
    args: [
      `--kubeconfig=${plane.kubeconfig('metacontroller')}`,
      '--target-label-selector=apps.jit.si/metacontroller=jitsi-operator',
      '--discovery-interval=2s',
      '--leader-election=true',
      '--leader-election-id=jitsi-operator-metacontroller',
      `--leader-election-namespace=${namespace}`,
      `--metrics-address=127.0.0.1:${metrics}`,
      `--health-probe-bind-address=127.0.0.1:${health}`,
    ],
    env: { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' },
  })

  const jitsi = {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    name: 'meet',
    namespace: 'meet',
  }
  const apply = (timezone: string) =>
    plane.client.apply({
      apiVersion: jitsi.apiVersion,
      kind: jitsi.kind,
      metadata: { name: jitsi.name, namespace: jitsi.namespace },
      spec: { domain: 'meet.example.org', timezone },
    } as never)
  const isSeen = async () => {
    const { metadata, status } = await plane.client.get(jitsi)
    const { generation } = metadata as { generation?: number }
    return (status as { observedGeneration?: number })?.observedGeneration === generation
  }
  const seen = (timezone: string) => until(`the answer about ${timezone}`, isSeen)
  const pods = async () => {
    const found = await plane.client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'meet' })
    return found.map(({ metadata }) => metadata.name).sort()
  }

  await t.test('Metacontroller comes in with both, and makes a Jitsi', async t => {
    await apply('Europe/Paris')
    await seen('Europe/Paris')
    await until('Pods', async () => (await pods()).length > 3)
    t.pass()
  })

  await t.test(
    'it made use of every right to be the leader, misses each, and made use of no more',
    async t => {
      const [role] = leader.filter(({ kind }) => kind === 'Role')
      if (!role) throw new Error('no role of a leader')
      const given = [...rightsOf(role.rules as Rule[])].map(
        right => `${role.metadata.name}: ${right}`,
      )
      const used = await until('the lease was renewed', async () => {
        const rights = await rightsUsed(plane.auditLog)
        return given.every(right => rights.has(right)) && rights
      })
      const ofLeases = [...used.keys()].filter(right => right.includes('/leases'))
      t.strictSame(ofLeases.sort(), given.sort())
      t.strictSame(await rightsNotMissed(plane.client, referenceTo(role), used), [])
    },
  )

  await t.test('the observer comes in', async t => {
    const counted =
      /^jitsi_operator_hook_duration_seconds_count\{hook="observe",result="ok"\} [1-9]/m
    await until('an answer of /observe', async () =>
      counted.test(await metricsOf({ port, ca: ca() })),
    )
    t.pass()
  })

  await t.test('a service with the certificate of another authority is not believed', async t => {
    const before = await pods()
    await removeSecret('jitsi-operator-tls')
    // The controllers have the new authority; the service has the old certificate.
    release('upgrade')
    await apply('Europe/Madrid')
    await until('a refusal', async () =>
      readFileSync(file('metacontroller.log'), 'utf8').includes('signed by unknown authority'),
    )
    t.notOk(await isSeen(), 'nothing is answered')
    t.strictSame(await pods(), before, 'and nothing is gone')
    await mountSecrets()
    await seen('Europe/Madrid')
  })

  await t.test('both are replaced without a restart of anything', async t => {
    const before = token()
    for (const name of secrets) await removeSecret(name)
    release('upgrade')
    await mountSecrets()
    t.not(token(), before)
    await until(
      'the service with the new token',
      async () => (await call(`Bearer ${token()}`)) === 200,
    )
    t.equal(await call(`Bearer ${before}`), 401, 'the old token is refused')
    await apply('Europe/Berlin')
    await seen('Europe/Berlin')
  })
})

interface Endpoint {
  port: number
  ca: string
}

/** The HTTP status with which `/jitsi/customize` answers. */
async function status(endpoint: Endpoint & { authorization: string | undefined }): Promise<number> {
  const { authorization } = endpoint
  const body = JSON.stringify({
    controller: {},
    parent: {
      apiVersion: 'apps.jit.si/v1alpha1',
      kind: 'Jitsi',
      metadata: { name: 'meet', namespace: 'meet' },
      spec: {},
    },
  })
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  const answer = await ask(endpoint, { path: '/jitsi/customize', method: 'POST', headers }, body)
  answer.resume()
  return answer.statusCode ?? 0
}

async function metricsOf(endpoint: Endpoint): Promise<string> {
  const answer = await ask(endpoint, { path: '/metrics' })
  return (await answer.toArray()).join('')
}

/** One HTTPS request under the Service's name, with its certificate checked. */
function ask({ port, ca }: Endpoint, options: RequestOptions, body?: string) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const at = { host: '127.0.0.1', port, ca, servername: host, agent: false }
    const sent = request({ ...at, ...options }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}
