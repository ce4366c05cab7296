import type { SyncRequest, SyncResponse } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { annotation } from '../../src/kube/annotations.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'
import { applied, childrenOf, identity, jicofoPod } from '../../test/support/cluster.ts'
import { jitsi, objectMap } from '../../test/support/fixtures.ts'
import { node, runningDeployment, runningPod, tracked } from './server-fields.ts'

/** How many bridges, and whether each has a node of its own that the plan sees. */
export interface FleetSize {
  bridges: number
  strategy: 'static' | 'daemonset'
  /** Without field management and the note of what was applied last: 10 instead of 28 KB a Pod. */
  lean?: boolean
}

/** A call of the sync hook about a fleet, and its answer. */
export interface Call {
  request: SyncRequest
  answer: SyncResponse
}

/** The moment that in-process answers are asked for. */
export const now = new Date('2026-01-15T10:00:00Z')

export const inputs = { now, password: () => 'a-password-for-figures-only' }

/** The note of what was applied last. */
export const lastApplied = 'metacontroller.k8s.io/last-applied-configuration'

/** A fleet at rest, as Metacontroller shows it: every object with all that servers add to it. */
export function restingFleet(size: FleetSize): Call {
  const request = requestAtRest(size)
  const children = [...childrenOf(request).values()].map(child =>
    size.lean ? withoutNotes(child) : tracked(child, request.parent),
  )
  const tracking = { ...request, children: objectMap(children) }
  return { request: tracking, answer: reconcile(tracking, inputs).response }
}

/** Secret, objects, bridges, addresses, status: one answer after another until none changes any more. */
function requestAtRest(size: FleetSize): SyncRequest {
  const nodes = Array.from({ length: size.bridges }, (_, index) => node(index))
  let request = firstRequest(size, nodes)
  let before: string | undefined
  // An answer has a hundred new bridges at most.
  for (let round = 0; round < 20 + size.bridges / 50; round++) {
    const { response } = reconcile(request, inputs)
    const answer = JSON.stringify(response)
    if (answer === before) return request
    before = answer
    request = next(request, response, nodes)
  }
  throw new Error(`the fleet of ${size.bridges} bridges (${size.strategy}) comes to no rest`)
}

function withoutNotes(child: KubeObject): KubeObject {
  const { [lastApplied]: _, ...annotations } = child.metadata.annotations ?? {}
  return { ...child, metadata: { ...child.metadata, annotations } }
}

/** Nothing exists but the Jitsi, and the nodes where they matter. */
export function firstRequest({ bridges, strategy }: FleetSize, nodes: KubeObject[]): SyncRequest {
  const spec = {
    domain: 'meet.example.org',
    jvb: {
      strategy: { type: strategy, replicas: bridges },
      ports: { count: 100 },
      env: variablesUpTo(40),
    },
  }
  const related = [
    ...(strategy === 'daemonset' ? nodes.map(object => tracked(object)) : []),
    tracked(jicofoPod('meet', { conferences: 20 })),
  ]
  return {
    controller,
    parent: jitsi({ spec, metadata: { uid: '7d5c1d52-6b7f-4d0e-9d55-0f6d2c3b8a11' } }),
    children: {},
    related: objectMap(related),
    finalizing: false,
  }
}

const controller = {
  spec: {
    childResources: ['secrets', 'services', 'configmaps', 'pods'].map(resource => ({
      apiVersion: 'v1',
      resource,
    })),
    hooks: {
      sync: { webhook: { url: 'http://jitsi-operator.jitsi-operator.svc:8080/jitsi/sync' } },
    },
  },
}

/** Variables of the user's for the bridges, so that each has so many altogether. */
function variablesUpTo(count: number) {
  const ours = 20
  return Array.from({ length: count - ours }, (_, at) => ({
    name: `SCHOOL_SETTING_${at}`,
    value: 'as-the-school-wants-it',
  }))
}

/** What is observed when the cluster has done what the answer says. */
function next(request: SyncRequest, answer: SyncResponse, nodes: KubeObject[]): SyncRequest {
  const before = childrenOf(request)
  const byName = new Map(nodes.map(object => [object.metadata.name, object]))
  let bridge = 0
  const children = answer.children.map(child => {
    const object = applied(child, request.parent, before.get(identity(child)))
    if (object.kind === 'Deployment') return runningDeployment(object)
    if (object.kind !== 'Pod') return object
    const pod = object as Pod
    const index = bridge++
    const pinnedTo = pod.metadata.annotations?.[annotation.pinnedTo] ?? ''
    const home = byName.get(pinnedTo) ?? nodes[Math.floor(index / 10)]
    return home ? runningPod(pod, home, index) : pod
  })
  return {
    ...request,
    parent: { ...request.parent, status: answer.status },
    children: objectMap(children),
  }
}
