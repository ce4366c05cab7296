import type { PodStatus } from 'kubernetes-types/core/v1.js'
import type { BridgeStatus } from '../../src/api/jitsi-status.ts'
import type { SyncRequest, SyncResponse } from '../../src/api/metacontroller.ts'
import { bridgeReason } from '../../src/components/jvb/verdict.ts'
import { label } from '../../src/kube/annotations.ts'
import type { KubeObject, Pod, Secret } from '../../src/kube/types.ts'
import { factsOf } from '../cluster/bridge-pods.ts'
import type { LiveObject } from '../cluster/kube-client.ts'
import type { Loss } from '../cluster/meetings.ts'
import type { View } from './view.ts'

/** Something that must not happen, and did. */
export interface Violation {
  namespace: string
  at: number
  what: string
}

/**
 * Watches all the time, whatever is broken: nothing that served goes without a reason that the plan
 * names or that a fault is itself, and no password changes.
 */
export class Judge {
  private violations: Violation[] = []
  private readonly judged = new Set<Loss>()
  /** Pods that may go, by uid, and why. */
  private readonly reasons = new Map<string, string>()
  private readonly passwords = new Map<string, Record<string, string>>()

  watch(view: View): void {
    view.listen('Pod', ({ previous, current }) => {
      if (previous && !current) this.podGone(previous)
    })
    view.listen('Secret', ({ current }) => {
      if (current?.metadata.name === 'meet') this.secretSeen(current as LiveObject & Secret)
    })
  }

  /** A fault takes this Pod itself, or its node. */
  excuse({ metadata }: KubeObject, why: string): void {
    this.reasons.set(metadata.uid ?? '', why)
  }

  /** Every answer about a Jitsi: what it leaves out is deleted, so it needs a reason. */
  readonly answered = (request: SyncRequest, answer: SyncResponse): void => {
    const answered = new Set(answer.children.map(nameOf))
    const observed = Object.values(request.children).flatMap(group => Object.values(group))
    const omitted = observed.filter(object => !answered.has(nameOf(object)))
    const { bridges = [] } = answer.status as { bridges?: BridgeStatus[] }
    for (const object of omitted) {
      const why = this.reasonOf(object, { observed, omitted, bridges })
      const { namespace = '', name, uid = '' } = object.metadata
      if (why) this.reasons.set(uid, why)
      else this.violate(namespace, `${object.kind} ${name} was left out of an answer, no reason`)
    }
  }

  /**
   * People were on a bridge when it went: only a fault may do that. For those who came after it was
   * last seen empty its preStop waits, which nobody plays here. Each loss is judged once.
   */
  lost(losses: readonly Loss[]): void {
    for (const loss of losses) {
      const { namespace, bridge, uid, people, cameUnseen } = loss
      if (this.judged.has(loss)) continue
      this.judged.add(loss)
      const why = this.reasons.get(uid)
      if (why?.startsWith('fault')) continue
      if (why === bridgeReason.Drained && cameUnseen) continue
      this.violate(namespace, `${bridge} went with ${people} people on it: ${why ?? 'no reason'}`)
    }
  }

  /** What was found since it was last taken, in one namespace or in all. */
  take(namespace?: string): Violation[] {
    const isAsked = (it: Violation) => namespace === undefined || it.namespace === namespace
    const taken = this.violations.filter(isAsked)
    this.violations = this.violations.filter(it => !isAsked(it))
    return taken
  }

  private reasonOf(object: KubeObject, { observed, omitted, bridges }: Seen): string | undefined {
    const { name, labels = {}, deletionTimestamp } = object.metadata
    if (deletionTimestamp) return 'it was being deleted'
    const bridge = bridges.find(it => it.name === name)
    if (object.kind === 'Pod') {
      return bridge?.reason && bridge.reason in bridgeReason ? bridge.reason : undefined
    }
    const isThere = (pod: string) =>
      observed.some(it => it.kind === 'Pod' && it.metadata.name === pod && !omitted.includes(it))
    const owner = labels[label.bridge] ?? /^meet-jvb-\d+$/.exec(name)?.[0]
    if (owner) return isThere(owner) ? undefined : 'its bridge is gone'
    const isRead = JSON.stringify(observed.map(({ spec }) => spec)).includes(name)
    return object.kind === 'Secret' && !isRead ? 'nothing reads this copy' : undefined
  }

  private podGone(pod: LiveObject): void {
    const { namespace = '', name, labels = {}, uid = '' } = pod.metadata
    if (this.reasons.has(uid) || !inLane(namespace)) return
    const part = labels['app.kubernetes.io/component'] ?? ''
    const served = part === 'jvb' && (factsOf(pod)?.mucsJoined ?? 0) > 0
    if (!served && part !== 'prosody' && part !== 'jicofo') return
    if (part !== 'jvb' && isEvicted(pod)) return
    const { nodeName } = (pod as unknown as Pod).spec
    this.violate(namespace, `${name}, which served on ${nodeName}, is gone without a reason`)
  }

  private secretSeen({ metadata, data = {} }: LiveObject & Secret): void {
    const { namespace = '' } = metadata
    const first = this.passwords.get(namespace) ?? data
    this.passwords.set(namespace, { ...data, ...first })
    for (const key of Object.keys(data)) {
      if (first[key] !== undefined && first[key] !== data[key]) {
        this.violate(namespace, `the password ${key} is another one`)
      }
    }
  }

  private violate(namespace: string, what: string): void {
    this.violations.push({ namespace, at: Date.now(), what })
  }
}

interface Seen {
  observed: KubeObject[]
  omitted: KubeObject[]
  bridges: BridgeStatus[]
}

/**
 * Did Kubernetes take it off a node that was out of reach for longer than it tolerates? Prosody and
 * jicofo are to go elsewhere after 30 s; so long a silence lasts where the API server is away as well.
 */
const isEvicted = ({ status }: LiveObject): boolean =>
  ((status as PodStatus | undefined)?.conditions ?? []).some(
    ({ type, reason }) => type === 'DisruptionTarget' && reason === 'DeletionByTaintManager',
  )

/** Namespaces whose Jitsi is taken down on purpose are not judged. */
const inLane = (namespace: string) => namespace.startsWith('lane-')

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`
