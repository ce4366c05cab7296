import type { KubeObject } from '../../../src/kube/types.ts'
import { bridgePods, serves } from '../../../test/cluster/bridge-pods.ts'
import { jitsiCondition, type Lab } from '../../../test/cluster/jitsi-lab.ts'
import { makeNamespace } from '../../../test/cluster/namespace.ts'
import { until } from '../../../test/cluster/until.ts'
import { isChildMade, isJitsiApplied, momentsOf, span } from './moments.ts'

export interface Size {
  jitsis: number
  /** Over all of them. */
  bridges: number
}

/** Seconds from the first of many Jitsis. */
export interface ManyJitsis {
  objects: number
  /** To the last object of the last one. */
  exist: number
  /** Until every bridge serves and every Jitsi is Ready. */
  serve: number
  jitsis: KubeObject[]
}

/** Applies many Jitsis at once, and waits until all of them are complete. */
export async function manyJitsis({ plane }: Lab, size: Size): Promise<ManyJitsis> {
  const { client, auditLog } = plane
  const wanted = Array.from({ length: size.jitsis }, (_, index) => jitsiOf(index, size))
  const names = new Set(wanted.map(({ metadata }) => metadata.namespace))
  for (const name of names) await makeNamespace(client, name)
  const began = Date.now()
  const jitsis = await Promise.all(wanted.map(jitsi => client.create(jitsi)))
  for (const jitsi of jitsis) await untilComplete(plane, jitsi)
  const serve = (Date.now() - began) / 1000
  const here = ({ namespace = '' }) => names.has(namespace)
  const from = await momentsOf(auditLog, write => here(write) && isJitsiApplied(write))
  const to = await momentsOf(auditLog, write => here(write) && isChildMade(write))
  return { objects: to.length, exist: span(from, to) / 1000, serve, jitsis }
}

/** Each has ports of its own: the scheduler would find them one by one otherwise. */
function jitsiOf(index: number, { jitsis, bridges }: Size) {
  const replicas = Math.floor(bridges / jitsis) + (index < bridges % jitsis ? 1 : 0)
  const small = { cpu: '50m', memory: '64Mi' }
  return {
    apiVersion: 'apps.jit.si/v1alpha1',
    kind: 'Jitsi',
    metadata: { name: 'meet', namespace: `school-${index}` },
    spec: {
      domain: `school-${index}.example.org`,
      jvb: {
        strategy: { type: 'static', replicas },
        ports: { udp: 10_000 + 100 * index, count: 100 },
        resources: { requests: small, limits: small },
      },
    },
  }
}

async function untilComplete(plane: Lab['plane'], jitsi: KubeObject): Promise<void> {
  const { namespace = '' } = jitsi.metadata
  const { replicas } = (jitsi.spec as ReturnType<typeof jitsiOf>['spec']).jvb.strategy
  await until(
    `every bridge of ${namespace}`,
    async () => {
      const pods = await bridgePods(plane.client, namespace)
      const ready = await jitsiCondition(plane, jitsi, 'Ready')
      return pods.length === replicas && pods.every(serves) && ready === 'True'
    },
    { timeoutMs: 600_000, everyMs: 500 },
  )
}
