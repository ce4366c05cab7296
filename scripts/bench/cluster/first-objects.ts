import type { KubeObject } from '../../../src/kube/types.ts'
import { usernames } from '../../../test/cluster/control-plane.ts'
import {
  applyExample,
  childrenIn,
  jitsiCondition,
  type Lab,
} from '../../../test/cluster/jitsi-lab.ts'
import { referenceTo } from '../../../test/cluster/kube-client.ts'
import { makeNamespace } from '../../../test/cluster/namespace.ts'
import { until } from '../../../test/cluster/until.ts'
import { isChildMade, isJitsiApplied, momentsOf, span } from './moments.ts'

/** Milliseconds, one Jitsi a run. */
export interface FirstObjects {
  objects: number
  /** From the Jitsi to its last object. */
  operator: number[]
  /** The same objects, made one after another by a client that has them at hand. */
  client: number[]
}

/** How long it takes from applying a Jitsi until all its objects exist. */
export async function firstObjects({ plane }: Lab, runs: number): Promise<FirstObjects> {
  const { client, auditLog } = plane
  const figures: FirstObjects = { objects: 0, operator: [], client: [] }
  for (let run = 0; run < runs; run++) {
    const own = `one-${run}`
    const copied = `copied-${run}`
    await makeNamespace(client, own)
    await makeNamespace(client, copied)
    const jitsi = await applyExample(plane, 'minimal.yaml', own)
    await until('Ready', async () => (await jitsiCondition(plane, jitsi, 'Ready')) === 'True')
    const children = await childrenIn(plane, own)
    const [from, to] = await Promise.all([
      momentsOf(auditLog, write => write.namespace === own && isJitsiApplied(write)),
      momentsOf(auditLog, write => write.namespace === own && isChildMade(write)),
    ])
    for (const child of children) await client.create(asAnswered(child, copied))
    const copies = await momentsOf(auditLog, ({ namespace, username }) => {
      return namespace === copied && username === usernames.admin
    })
    figures.objects = children.length
    figures.operator.push(span(from, to))
    figures.client.push(span(copies, copies))
    await client.remove(referenceTo(jitsi))
    await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: copied })
  }
  return figures
}

/** A child as the hook answered it, for another namespace. */
function asAnswered({ metadata }: KubeObject, namespace: string): KubeObject {
  const note = metadata.annotations?.['metacontroller.k8s.io/last-applied-configuration']
  if (!note) throw new Error(`${metadata.name} has no note of what was applied`)
  const object = JSON.parse(note) as KubeObject
  return { ...object, metadata: { ...object.metadata, namespace } }
}
