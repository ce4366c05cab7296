import type { Behavior } from '../autoscaling/behavior.ts'
import { noMemory, recommend } from '../autoscaling/hpa.ts'
import type { Figure } from '../autoscaling/proposal.ts'
import { Fleet } from './fleet/fleet.ts'
import { Random } from './fleet/random.ts'
import { Timeline } from './fleet/timeline.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { replay, sampled } from './replay.ts'
import type { Sizes } from './sizes.ts'
import type { Trace } from './trace.ts'

/*
 * What people have today (jitsi-helm's main branch): a Deployment of bridges on host ports, one a
 * node, under a HorizontalPodAutoscaler by CPU with Kubernetes' own behaviour. Relays are off by
 * default. Nothing drains: a Pod that goes is stopped, and its people are moved where there is
 * room.
 */

/** The chart's default: 1500m of CPU per Pod. */
const targetCpu = 1.5

/** Kubernetes' defaults: up at once, down by anything after five minutes. */
const kubernetesOwn: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
}

const round = 15
const lag = 30
const warmUp = 900

interface Replica {
  name: string
  release: string
  /** Undefined while it waits for its node. */
  startedAt: number | undefined
}

class Deployment {
  readonly fleet: Fleet
  readonly #sizes: Sizes
  readonly #random: Random
  /** When nodes without a Pod became empty; the newest is used first. */
  #idleNodes: number[] = []
  #made = 0
  replicas: Replica[] = []
  desired: number
  release = 'old'

  constructor(fleet: Fleet, sizes: Sizes) {
    this.fleet = fleet
    this.#sizes = sizes
    this.#random = new Random(sizes.seed)
    this.desired = sizes.minReplicas
    this.#idleNodes = new Array<number>(sizes.minReplicas).fill(0)
  }

  /** Creates and deletes Pods until there are as many as wanted; a rollout surges by a quarter. */
  settle(): void {
    const { desired, release } = this
    const current = this.replicas.filter(replica => replica.release === release)
    const old = this.replicas.filter(replica => replica.release !== release)
    const surge = old.length > 0 ? Math.ceil(desired / 4) : 0
    const room = desired + surge - this.replicas.length
    for (let n = 0; n < Math.min(room, desired - current.length); n++) this.#start()
    const available = this.replicas.filter(replica => this.#isReady(replica)).length
    const tooMany = current.length > desired ? current.length - desired : 0
    for (let n = 0; n < tooMany; n++) this.#stop(this.#victim(current))
    const unavailable = Math.floor(desired / 4)
    const replaceable = Math.max(0, available - (desired - unavailable))
    for (const replica of old.slice(0, replaceable)) this.#stop(replica)
  }

  figures(now: number): Figure[] {
    return this.replicas.map(replica => {
      const { startedAt, name } = replica
      if (startedAt === undefined || now - startedAt < 2 * lag) return 'starting'
      return Math.min(100, Math.round(this.fleet.bridge(name).measuredStress(now - lag) * 90))
    })
  }

  #isReady({ startedAt, name }: Replica): boolean {
    return startedAt !== undefined && this.fleet.bridge(name).joined.size > 0
  }

  #start(): void {
    const { timeline } = this.fleet
    const replica: Replica = {
      name: `jvb-${++this.#made}`,
      release: this.release,
      startedAt: undefined,
    }
    this.replicas.push(replica)
    const usable = this.#idleNodes.filter(
      since => timeline.seconds - since < this.#sizes.emptyNodeSeconds,
    )
    const warm = usable.pop() !== undefined
    this.#idleNodes = usable
    const { nodeSeconds, pullSeconds, cpus } = this.#sizes
    timeline.in(warm ? 3 : nodeSeconds + pullSeconds, () => {
      if (!this.replicas.includes(replica)) return
      replica.startedAt = timeline.seconds
      this.fleet.addBridge({ name: replica.name, cpus, version: replica.release })
    })
  }

  /** Those without a node first, then whichever. */
  #victim(candidates: Replica[]): Replica | undefined {
    const alive = candidates.filter(replica => this.replicas.includes(replica))
    const waiting = alive.find(({ startedAt }) => startedAt === undefined)
    return waiting ?? alive[Math.floor(this.#random.between(0, alive.length))]
  }

  #stop(replica: Replica | undefined): void {
    if (replica === undefined) return
    this.replicas = this.replicas.filter(other => other !== replica)
    this.#idleNodes.push(this.fleet.now)
    if (replica.startedAt !== undefined) this.fleet.removeBridge(replica.name)
  }
}

/** Replays a day through what people have today. */
export async function peer(trace: Trace, sizes: Sizes): Promise<Outcome> {
  const timeline = new Timeline(new Date('2026-03-01T23:45:00Z'))
  const fleet = new Fleet({
    seed: sizes.seed,
    timeline,
    endpointsPerCpu: sizes.endpointsPerCpu,
    relays: false,
  })
  const deployment = new Deployment(fleet, sizes)
  const spec = {
    minReplicas: sizes.minReplicas,
    maxReplicas: sizes.maxReplicas,
    target: Math.round((targetCpu / sizes.cpus) * 100),
    behavior: kubernetesOwn,
  }
  let memory = noMemory
  const turn = () => {
    const look = {
      now: timeline.date,
      current: deployment.desired,
      figures: deployment.figures(timeline.seconds),
    }
    const next = recommend(look, spec, memory)
    memory = next.memory
    deployment.desired = next.desired
    timeline.in(round, turn)
  }
  const settle = () => {
    deployment.settle()
    timeline.in(5, settle)
  }
  settle()
  timeline.in(round, turn)
  replay(trace, fleet, warmUp)
  const bridges = () => deployment.replicas.length
  const samples = sampled(trace, fleet, { from: warmUp, bridges, timeline })
  if (trace.rolloutAt !== undefined) {
    timeline.in(warmUp + trace.rolloutAt * 60, () => {
      deployment.release = 'new'
    })
  }
  await timeline.run(warmUp + trace.minutes * 60)
  return outcomeOf('jitsi-helm main', samples, fleet.tally())
}
