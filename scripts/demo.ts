import { mkdirSync, writeFileSync } from 'node:fs'
import type { SyncRequest, SyncResponse } from '../src/api/metacontroller.ts'
import { buildApp } from '../src/app.ts'
import { documentsOf } from '../src/cli/documents.ts'
import { firstRequest, nextRequest } from '../src/cli/observed.ts'
import { placeholderPasswords } from '../src/cli/placeholder.ts'
import type { KubeObject } from '../src/kube/types.ts'

/*
 * The first thing to try: the hook service answers for one Jitsi, over HTTP and without a cluster,
 * as Metacontroller would ask it. Usage: npm run demo [-- FILE]
 */

const [file = 'examples/minimal.yaml'] = process.argv.slice(2)
const recorded = '.cache/demo-request.json'

const app = buildApp({ version: 'demo', password: placeholderPasswords() })
const address = await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`The hook service answers at ${address}; it is asked about ${file}.`)

const jitsi = (await documentsOf(file)).find(isJitsi)
if (jitsi === undefined) throw new Error(`${file} holds no Jitsi`)
const metadata = { namespace: 'default', ...jitsi.metadata }

const first = firstRequest({ ...jitsi, metadata })
const secretOnly = await answerTo(first)
show(
  '1. Nothing exists yet. The passwords come first, so that no workload starts without:',
  secretOnly,
)

const second = nextRequest(first, secretOnly)
show('2. The Secret is there. Now everything else:', await answerTo(second))
await app.close()

mkdirSync('.cache', { recursive: true })
writeFileSync(recorded, JSON.stringify(second, null, 2))
console.log(`
The same by hand: start the service with "npm start", then

  curl -s -H 'content-type: application/json' --data-binary @${recorded} http://127.0.0.1:8080/jitsi/sync

All objects as YAML:  npm run --silent render ${file}`)

async function answerTo(request: SyncRequest): Promise<SyncResponse> {
  const answer = await fetch(`${address}/jitsi/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as SyncResponse
}

function show(title: string, { children, status }: SyncResponse) {
  console.log(`\n${title}`)
  for (const kind of new Set(children.map(child => child.kind))) {
    const names = children.filter(child => child.kind === kind).map(child => child.metadata.name)
    console.log(`   ${kind.padEnd(20)} ${names.join(', ')}`)
  }
  const conditions = (status.conditions ?? []) as Record<string, string>[]
  for (const { type = '', status: state, reason, message } of conditions) {
    console.log(`   ${type.padEnd(20)} ${state}, ${reason}: ${message}`)
  }
}

function isJitsi(document: unknown): document is KubeObject {
  return (document as KubeObject | null)?.kind === 'Jitsi'
}
