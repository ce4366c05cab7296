import type { Jitsi } from '../../src/api/jitsi.ts'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { JvbSpec } from '../../src/api/jvb-spec.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { secondsOf } from '../../src/api/schema.ts'
import { resolveSpec } from '../../src/core/context.ts'
import type { ConferencesNow, Decision, Plan } from '../../src/core/plan.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { relatedRules } from '../../src/core/related.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { ClusterModel } from '../../src/simulation/fleet/cluster-model.ts'
import { Fleet } from '../../src/simulation/fleet/fleet.ts'
import { Random } from '../../src/simulation/fleet/random.ts'
import { Timeline } from '../../src/simulation/fleet/timeline.ts'

/** A spec as people write it: any part of it. */
export type PartialSpec = Record<string, unknown>

export interface SchoolOptions {
  spec?: PartialSpec
  nodes?: number
  cpusPerNode?: number
  seed?: number
  /** By how many changes at most the plan's view of the children is older than the truth. */
  staleness?: number
  loadBalancerSeconds?: number
  /** How often the plan is called though nothing changed and it did not ask for it. */
  resyncPeriodSeconds?: number
}

/** A Jitsi of a school on a cluster in memory, under the real plan and the real observer. */
export class School {
  readonly timeline = new Timeline()
  readonly fleet: Fleet
  readonly cluster: ClusterModel
  staleness: number
  readonly decisions: (Decision & { at: number })[] = []
  /** Called with each request and what was planned for it. */
  readonly onPlan: ((request: SyncRequest, plan: Plan) => void)[] = []
  #spec: PartialSpec
  #resolved: JvbSpec | undefined

  constructor({
    spec = {},
    nodes = 5,
    cpusPerNode = 8,
    seed = 1,
    staleness = 0,
    loadBalancerSeconds = 30,
    resyncPeriodSeconds = 60,
  }: SchoolOptions = {}) {
    const { timeline } = this
    const lag = new Random(seed)
    let drawn = 0
    this.staleness = staleness
    this.fleet = new Fleet({ seed, timeline })
    this.cluster = new ClusterModel({
      timeline,
      fleet: this.fleet,
      loadBalancerSeconds,
      resyncPeriodSeconds,
      staleness: () => Math.floor(lag.between(0, this.staleness + 1)),
      sync: (request, now) => {
        const planWith = (conferencesNow: ConferencesNow) =>
          reconcile(request, { now, conferencesNow, password: () => `password-${++drawn}` })
        const first = planWith('unasked')
        const plan = first.asks ? planWith(this.#conferences) : first
        for (const decision of plan.decisions) {
          this.decisions.push({ ...decision, at: timeline.seconds })
        }
        for (const listener of this.onPlan) listener(request, plan)
        return plan.response
      },
      customize: ({ parent }) => ({ relatedResources: relatedRules(parent) }),
    })
    for (let node = 1; node <= nodes; node++) {
      this.cluster.nodes.add({ name: `node-${node}`, cpus: cpusPerNode })
    }
    this.#spec = { domain: 'meet.school.example', ...spec }
    this.apply({})
  }

  /** `kubectl apply` of the spec with these parts changed. */
  apply(change: PartialSpec): void {
    this.#spec = { ...this.#spec, ...change }
    this.#resolved = undefined
    this.cluster.apply({
      apiVersion: 'apps.jit.si/v1alpha1',
      kind: 'Jitsi',
      metadata: { name: 'meet', namespace: 'school' },
      spec: this.#spec,
    })
  }

  /** `kubectl patch --type=merge` of the spec. */
  change(patch: PartialSpec): void {
    this.apply(merge(this.#spec, patch))
  }

  get #jvb(): JvbSpec {
    this.#resolved ??= resolveSpec(this.#spec).jvb
    return this.#resolved
  }

  get topology(): string {
    return this.#jvb.strategy.type
  }

  get perNode(): number {
    return this.#jvb.strategy.perNode
  }

  get replicas(): number {
    return this.#jvb.strategy.replicas
  }

  /** Are the addresses of bridges those of their nodes? */
  get exposesNodes(): boolean {
    return this.#jvb.exposure.type !== 'LoadBalancer'
  }

  get portCount(): number {
    return this.#jvb.ports.count
  }

  /** How long meetings of a bridge that has to go may last. */
  get drainSeconds(): number {
    return secondsOf(this.#jvb.drain.timeout)
  }

  get #conferences(): ConferencesNow {
    const [jicofo] = this.fleet.jicofos
    if (!jicofo) throw new Error('there is no jicofo to ask')
    const { seconds } = this.timeline
    return jicofo.hangs(seconds) ? 'silent' : jicofo.stats(seconds).conferences
  }

  get jitsi(): Jitsi & KubeObject {
    return this.cluster.jitsis[0] as Jitsi & KubeObject
  }

  get status(): JitsiStatus {
    return (this.jitsi.status ?? {}) as JitsiStatus
  }

  /** Names of bridges by state, as status lists them. */
  bridges(state: string): string[] {
    return (this.status.bridges ?? [])
      .filter(bridge => bridge.state === state)
      .map(({ name }) => name)
  }

  condition(type: string) {
    return this.status.conditions?.find(condition => condition.type === type)
  }

  /** Lets time pass until it is so, at most so many seconds; false if it never was. */
  async until(is: () => boolean, seconds = 3600): Promise<boolean> {
    for (let waited = 0; waited < seconds; waited += 5) {
      if (is()) return true
      await this.cluster.run(5)
    }
    return is()
  }
}

function merge(onto: PartialSpec, patch: PartialSpec): PartialSpec {
  const isMap = (value: unknown): value is PartialSpec =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const merged = Object.entries(patch).map(([name, value]) => {
    const before = onto[name]
    return [name, isMap(before) && isMap(value) ? merge(before, value) : value]
  })
  return { ...onto, ...Object.fromEntries(merged) }
}
