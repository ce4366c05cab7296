import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { objectsIn } from './chart.ts'
import {
  controllerOf,
  coreRights,
  otherRights,
  rightsForChildren,
  rightsOf,
  rulesOf,
  webhooksOf,
} from './rights.ts'

/* metacontroller/: what is applied with kubectl. */

const folder = join(repositoryRoot, 'metacontroller')
const objects: KubeObject[] = readdirSync(folder)
  .filter(file => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  .flatMap(file => objectsIn(readFileSync(join(folder, file), 'utf8')))
const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))

t.test('Metacontroller may do what its controllers need, and nothing else', async t => {
  const needed = new Set([
    ...rightsForChildren(controllerOf(objects, 'CompositeController')),
    ...otherRights,
  ])
  t.strictSame(
    rightsOf(rulesOf(objects, 'jitsi-operator-metacontroller')),
    needed,
    'for a Jitsi, with the Pods that the observer annotates among its children',
  )
  t.strictSame(rightsOf(rulesOf(objects, 'jitsi-operator-metacontroller-core')), coreRights)
})

t.test('the service itself may read one Node at a time', async t => {
  t.strictSame(rightsOf(rulesOf(objects, 'jitsi-operator')), new Set(['/nodes get']))
})

t.test('every hook is a v2 hook at a path of the service, and carries its version', async t => {
  const urls = webhooksOf(objects).map(({ url }) => url)
  const base = 'http://jitsi-operator.jitsi-operator.svc:8080'
  t.strictSame(urls, [
    `${base}/jitsi/sync?rev=${version}`,
    `${base}/jitsi/customize?rev=${version}`,
    `${base}/observe?rev=${version}`,
  ])
  for (const kind of ['CompositeController', 'DecoratorController']) {
    const { hooks } = controllerOf(objects, kind).spec
    t.ok(Object.values(hooks).every(hook => hook.version === 'v2'))
    t.notOk('finalize' in hooks, 'an uninstalled operator must not hold anything back')
  }
})

t.test('no child is ever recreated or rolled, which would end meetings', async t => {
  const { childResources = [] } = controllerOf(objects, 'CompositeController').spec
  const methods = new Set(childResources.map(({ updateStrategy }) => updateStrategy.method))
  t.strictSame(methods, new Set(['InPlace', 'OnDelete']))
  const secrets = childResources.find(({ resource }) => resource === 'secrets')
  t.equal(secrets?.updateStrategy.method, 'InPlace', 'a key that is missing is added')
})

t.test('the service runs without root, and writes to no file of its image', async t => {
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  t.match(deployment?.spec, {
    template: {
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 65532 },
        containers: [{ securityContext: { readOnlyRootFilesystem: true } }],
      },
    },
  })
})

t.test('the image that is deployed is of this version', async t => {
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  t.match(JSON.stringify(deployment), `jitsi-operator:${version}"`)
})
