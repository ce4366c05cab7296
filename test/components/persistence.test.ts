import t from 'tap'
import type { Deployment, KubeObject } from '../../src/kube/types.ts'
import { find, rendered } from './rendered.ts'

const podOf = (objects: KubeObject[]) => {
  const { containers, volumes } =
    find<Deployment>(objects, 'Deployment', 'meet-prosody').spec?.template.spec ?? {}
  return { mounts: containers?.[0]?.volumeMounts ?? [], volumes: volumes ?? [] }
}

t.test('prosody keeps nothing unless asked to', async t => {
  const objects = rendered()
  t.notOk(objects.some(({ kind }) => kind === 'PersistentVolumeClaim'))
  t.strictSame(
    podOf(objects).mounts.filter(({ mountPath }) => mountPath.startsWith('/var')),
    [{ name: 'data', mountPath: '/var/lib/prosody' }],
  )
})

t.test('prosody keeps the accounts of people', async t => {
  const persistence = { enabled: true, size: '2048Mi', storageClassName: 'fast' }
  const objects = rendered({ prosody: { persistence } })

  t.test('on a claim', async t => {
    t.match(find(objects, 'PersistentVolumeClaim', 'meet-prosody').spec, {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '2Gi' } },
    })
    t.match(
      podOf(objects).volumes.find(({ name }) => name === 'people'),
      { persistentVolumeClaim: { claimName: 'meet-prosody' } },
    )
  })

  t.test('but not those of components, whose passwords must be able to change', async t => {
    const lasting = podOf(objects).mounts.find(({ name }) => name === 'people')
    t.equal(lasting?.mountPath, '/var/lib/prosody/data/meet%2ejitsi')
  })

  t.test('on a claim of the user’s, in a folder of it', async t => {
    const objects = rendered({
      prosody: {
        persistence: { enabled: true, existingClaim: 'old', subPath: 'data/meet%2ejitsi' },
      },
    })
    t.notOk(objects.some(({ kind }) => kind === 'PersistentVolumeClaim'))
    t.match(
      podOf(objects).volumes.find(({ name }) => name === 'people'),
      { persistentVolumeClaim: { claimName: 'old' } },
    )
    t.match(
      podOf(objects).mounts.find(({ name }) => name === 'people'),
      { subPath: 'data/meet%2ejitsi' },
    )
  })

  t.test('on a claim that outlives a field switched off by mistake', async t => {
    const claim = find(objects, 'PersistentVolumeClaim', 'meet-prosody')
    const after = rendered({}, { children: [claim] })
    t.strictSame(find(after, 'PersistentVolumeClaim', 'meet-prosody').spec, claim.spec)
    t.notMatch(JSON.stringify(find(after, 'Deployment', 'meet-prosody')), 'meet%2ejitsi')
  })
})
