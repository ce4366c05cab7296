import type { Condition } from '../../src/api/jitsi-status.ts'
import { annotation, label } from '../../src/kube/annotations.ts'
import type { LiveObject } from '../cluster/kube-client.ts'
import type { View } from './view.ts'

/*
 * What must be the same after any disturbance as it was before: every object that the Jitsi owns,
 * and what its status says, without what is different by nature (versions, times, which number and
 * port and node a bridge got, on which bridges the people are).
 */

const kept: readonly string[] = [
  annotation.revision,
  annotation.intent,
  annotation.content,
  annotation.drainDeadline,
]

/** Two of these are equal when the installations are. */
export function lastingState(view: View, namespace: string): Record<string, unknown> {
  const children = view.childrenIn(namespace)
  const jitsi = view.in(namespace).find(({ kind }) => kind === 'Jitsi')
  const ranks = ranksOf(children)
  const entries = children.map(child => {
    const text = renamed(JSON.stringify(formOf(child)), ranks)
    return [renamed(`${child.kind} ${child.metadata.name}`, ranks), JSON.parse(text)]
  })
  return Object.fromEntries([...entries.sort(byKey), ['status', statusOf(jitsi)]])
}

const byKey = ([a]: unknown[], [b]: unknown[]) => (String(a) < String(b) ? -1 : 1)

/** Bridges by number: the first, the second, … whatever they are called. */
function ranksOf(children: readonly LiveObject[]): [string, string][] {
  return children
    .filter(({ kind, metadata }) => kind === 'Pod' && metadata.labels?.[label.bridge])
    .map(({ metadata }) => metadata.name)
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name, rank) => [name, `bridge ${rank + 1}`])
}

const numberOf = (name: string) => Number(/\d+$/.exec(name)?.[0])

function renamed(text: string, ranks: readonly [string, string][]): string {
  return ranks
    .reduce((rest, [name, rank]) => rest.replace(new RegExp(`${name}(?!\\d)`, 'g'), rank), text)
    .replace(/node-\d+/g, 'node')
}

function formOf({ metadata, status: _, ...rest }: LiveObject): unknown {
  // It counts the bridges with people on them.
  if (rest.kind === 'PodDisruptionBudget' && metadata.name === 'meet-jvb') return metadata.labels
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) =>
    kept.includes(key),
  )
  const terminating = metadata.deletionTimestamp !== undefined
  return {
    ...withoutPlace(rest),
    ...withoutPlace({ labels: metadata.labels ?? {} }),
    annotations: Object.fromEntries(annotations),
    owners: metadata.ownerReferences,
    ...(terminating && { terminating }),
  }
}

const zone = 'topology.kubernetes.io/zone'

/** Ports and nodes that the API server, the scheduler or the plan chose. */
function withoutPlace(object: unknown): Record<string, unknown> {
  const chosen = ['hostPort', 'nodePort', 'nodeName', 'clusterIP', 'clusterIPs', zone]
  const text = JSON.stringify(object, (key, value) => {
    if (chosen.includes(key)) return undefined
    if (value?.name === 'JVB_PORT') return undefined
    return value
  })
  return JSON.parse(text)
}

/** People who were moved have tried a second connection: that makes the one out of the other. */
const mediaFine = ['NotTried', 'ConnectionsSucceed']

function statusOf(jitsi: LiveObject | undefined): unknown {
  const { conditions = [], fleet } = (jitsi?.status ?? {}) as {
    conditions?: Condition[]
    fleet?: Record<string, number>
  }
  const { participants: _, conferences: __, lastNumber: ___, ...totals } = fleet ?? {}
  return {
    conditions: Object.fromEntries(
      conditions.map(({ type, status, reason }) => [
        type,
        mediaFine.includes(reason) ? 'fine' : `${status} ${reason}`,
      ]),
    ),
    totals,
  }
}

/** Where two states differ, one line each. */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  if (!isObject(a) || !isObject(b)) return [`${path}: ${short(a)} → ${short(b)}`]
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return keys.flatMap(key => differences(a[key], b[key], path ? `${path} / ${key}` : key))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200)
