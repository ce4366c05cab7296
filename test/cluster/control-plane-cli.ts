import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { startControlPlane } from './control-plane.ts'
import { toolNames } from './tools/catalog.ts'
import { findTools } from './tools/install.ts'

/*
 * npm run control-plane -- up DIR [NODES]   a Kubernetes to try things on, until Ctrl-C
 * npm run control-plane -- tools            builds what is missing, prints where everything is
 */

const [command, folder, nodes = '5'] = process.argv.slice(2)

if (command === 'tools') {
  for (const [name, path] of Object.entries(await findTools(toolNames))) console.log(name, path)
} else if (command === 'up' && folder && Number(nodes) > 0) {
  await up(resolve(folder))
} else {
  console.error('usage: npm run control-plane -- up DIR [NODES] | tools')
  process.exitCode = 2
}

async function up(absolute: string): Promise<void> {
  mkdirSync(absolute, { recursive: true })
  const plane = await startControlPlane({ folder: absolute, nodes: Number(nodes) })
  console.log(`export KUBECONFIG=${plane.kubeconfig('admin')}`)
  console.log('running until Ctrl-C')
  const ticking = setInterval(() => {}, 60_000)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(ticking)
      void plane.stop()
    })
  }
}
