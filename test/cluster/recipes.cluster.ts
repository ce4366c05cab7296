import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { SyncRequest, SyncResponse } from '../../src/api/metacontroller.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { HookFront } from '../faults/hook-front.ts'
import { selfSigned } from '../service/self-signed.ts'
import type { ControlPlane } from './control-plane.ts'
import { applyExample, atRest, startLab } from './jitsi-lab.ts'
import { referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { repositoryRoot } from './repository.ts'
import { startService } from './service.ts'

/*
 * Commands of README and docs, cut out of the page and run by a shell against a real API server.
 * They need jq, as whoever follows them does.
 */

const run = promisify(execFile)

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)

/** What Metacontroller asked last, by namespace. */
const asked = new Map<string, SyncRequest>()

const lab = await startLab({
  service: async plane => {
    const service = await startService(plane)
    const front = new HookFront({
      versions: () => service.url,
      listener: request => asked.set(request.parent.metadata.namespace ?? '', request),
    })
    await front.listen()
    const stop = async () => {
      front.close()
      await service.stop()
    }
    return { ...service, url: front.url, stop }
  },
})
t.teardown(() => lab.stop())

for (const file of ['minimal.yaml', 'daemonset.yaml', 'everything.yaml']) {
  await t.test(`README: the request made of what kubectl shows, ${file}`, async t => {
    const namespace = `asked-${file.replace('.yaml', '')}`
    await makeNamespace(lab.plane.client, namespace)
    const jitsi = await applyExample(lab.plane, file, namespace)
    await atRest(lab, jitsi)
    const [sent, now] = [asked.get(namespace), new Date().toISOString()]
    const commands = commandsOf('README.md', '>request.json')
    const folder = await shell(t, lab.plane, commands.replaceAll('-n meet ', `-n ${namespace} `))
    writeFileSync(join(folder, 'sent.json'), JSON.stringify(sent))
    const [made, expected] = await Promise.all(
      ['request.json', 'sent.json'].map(file => answerAt(join(folder, file), now)),
    )
    t.ok((made?.children ?? []).length > 10)
    t.strictSame(made, expected)
    const posted = await answerOfHook(readFileSync(join(folder, 'request.json')))
    t.strictSame(posted.children, expected?.children)
  })
}

await t.test('docs/autoscaling.md: kube-metrics-adapter is given our CA', async t => {
  const { client } = lab.plane
  const secret = { name: 'jitsi-operator-tls', namespace: 'jitsi-operator' }
  const { cert } = selfSigned('jitsi-operator')
  const data = { 'ca.crt': Buffer.from(cert).toString('base64') }
  await client.create({ apiVersion: 'v1', kind: 'Secret', metadata: secret, data })
  await client.create(adapter())
  await shell(t, lab.plane, commandsOf('docs/autoscaling.md', 'patch deployment'))
  const place = { apiVersion: 'v1', namespace: 'kube-system' }
  const ca = await client.get({ ...place, kind: 'ConfigMap', name: 'jitsi-operator-ca' })
  t.strictSame(ca.data, { 'ca.crt': cert })
  const { spec } = await client.get(referenceTo(adapter()))
  t.match((spec as { template: { spec: object } }).template.spec, {
    volumes: [{ configMap: { name: 'jitsi-operator-ca' } }],
    containers: [
      {
        image: 'adapter',
        env: [{ name: 'SSL_CERT_DIR', value: '/etc/ssl/certs:/jitsi-operator-ca' }],
        volumeMounts: [{ mountPath: '/jitsi-operator-ca' }],
      },
    ],
  })
})

/** The adapter's Deployment, as far as the names in the manifests of its repository go. */
function adapter(): KubeObject {
  const labels = { application: 'kube-metrics-adapter' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kube-metrics-adapter', namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'kube-metrics-adapter', image: 'adapter' }] },
      },
    },
  }
}

/** The block of commands on a page that has this text in it. */
function commandsOf(page: string, text: string): string {
  const blocks = readFileSync(join(repositoryRoot, page), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)
  const [commands, ...others] = [...blocks].flatMap(([, block = '']) =>
    block.includes(text) ? [block] : [],
  )
  if (!commands || others.length > 0) throw new Error(`${page}: not one block with ${text}`)
  return commands
}

/** Runs commands as an administrator of the cluster would, in a folder of their own. */
async function shell(t: Test, plane: ControlPlane, commands: string): Promise<string> {
  const folder = t.testdir()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(plane.kubectl, join(bin, 'kubectl'))
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    KUBECONFIG: plane.kubeconfig('admin'),
  }
  await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: folder, env })
  return folder
}

/** What `jitsi-operator sync` answers to a file, at a time that is the same for all. */
async function answerAt(file: string, now: string): Promise<SyncResponse> {
  const cli = join(repositoryRoot, 'dist/cli.js')
  const args = [cli, 'sync', file, '--now', now]
  return JSON.parse((await run(process.execPath, args, { maxBuffer: 2 ** 26 })).stdout)
}

async function answerOfHook(body: Buffer): Promise<SyncResponse> {
  const answer = await fetch(`${lab.service.url}/jitsi/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(body),
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return (await answer.json()) as SyncResponse
}
