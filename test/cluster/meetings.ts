import { farewellSeconds } from '../../src/components/jvb/evacuation.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { quantityValue } from '../../src/kube/quantity.ts'
import type { Pod } from '../../src/kube/types.ts'
import type { Conference } from '../../src/simulation/fleet/conference.ts'
import { Fleet } from '../../src/simulation/fleet/fleet.ts'
import { preStop } from '../../src/simulation/fleet/pre-stop.ts'
import { bridgeAnswers, jicofoAnswers, play } from '../fleet/http-front.ts'
import type { Roles } from './answering-pods.ts'
import { factsOf } from './bridge-pods.ts'
import type { LiveObject } from './kube-client.ts'

/** How much faster than the clock people come and programs start, where nobody says. */
const usualSpeed = 5

/** Somebody was on a bridge when its Pod went. */
export interface Loss {
  namespace: string
  bridge: string
  uid: string
  people: number
  /** Had they all come after the bridge was last seen, and seen empty? */
  cameUnseen: boolean
  /** What the plan had written there: `serve` or `drain`. */
  intent: string | undefined
}

/**
 * The meetings in a cluster: a fleet for each namespace, whose bridges are the Pods there. Jicofo's
 * choices are played as well, so people are on bridges as they would be.
 */
export class Meetings {
  /** How the Pods answer: for `startLab`. */
  readonly roles: Roles
  /** Every Pod that went with people on it. */
  readonly losses: Loss[] = []
  readonly #fleets = new Map<string, Fleet>()
  readonly #clocks: (() => void)[] = []
  /** Nodes whose Pods end without a farewell. */
  readonly deadNodes = new Set<string>()

  readonly #speed: number

  constructor(speed = usualSpeed) {
    this.#speed = speed
    this.roles = {
      jvb: {
        port: 8080,
        waits: waitsForAddress,
        begin: pod => this.#start(pod),
        leave: (pod, done) => this.#leave(pod, done),
        end: pod => this.#end(pod),
      },
      jicofo: { port: 8888, begin: pod => jicofoAnswers(this.in(pod.metadata.namespace), 0) },
    }
  }

  /** The fleet of a namespace. */
  in(namespace = ''): Fleet {
    const known = this.#fleets.get(namespace)
    if (known) return known
    const fleet = new Fleet({ seed: this.#fleets.size + 1 })
    this.#fleets.set(namespace, fleet)
    this.#clocks.push(play(fleet, this.#speed))
    return fleet
  }

  /** So many meetings begin at once, and last until they are adjourned. */
  hold(namespace: string, count: number, participants = 3): Conference[] {
    const fleet = this.in(namespace)
    return Array.from({ length: count }, (_, index) =>
      fleet.people.arrive({
        room: `room-${fleet.now}-${index}`,
        participants,
        minutes: 100_000,
        gather: 0,
      }),
    )
  }

  /** Cores that a container uses: a bridge calls 90 % of its CPU limit a stress of 1. */
  coresUsed({ spec, metadata }: Pod, container: string): number {
    const fleet = this.in(metadata.namespace)
    const bridge = fleet.bridges.find(({ name }) => name === metadata.name)
    const limit = spec.containers.find(({ name }) => name === container)?.resources?.limits?.cpu
    return (bridge?.measuredStress(fleet.now) ?? 0) * 0.9 * (quantityValue(limit) ?? 0)
  }

  stop(): void {
    for (const end of this.#clocks) end()
  }

  #start(pod: LiveObject) {
    const { name, namespace } = pod.metadata
    const fleet = this.in(namespace)
    const [container] = (pod as unknown as Pod).spec.containers
    const version = container?.image?.split(':').at(-1) ?? 'unknown'
    fleet.addBridge({ name, version, bootSeconds: 9 })
    return bridgeAnswers(fleet, name)
  }

  /** Its preStop hook: until nobody is on it, or the plan's deadline, or its grace period is over. */
  #leave({ metadata }: LiveObject, done: () => void): void {
    const { name, namespace, annotations, deletionTimestamp = '' } = metadata
    const fleet = this.in(namespace)
    const own = Date.parse(deletionTimestamp) - farewellSeconds * 1000
    const planned = Number(annotations?.[annotation.drainDeadline]) * 1000 || own
    const left = (Math.min(own, planned) - Date.now()) / 1000
    const deadline = fleet.now + left * this.#speed
    preStop(fleet.timeline, fleet.bridge(name), { deadline, done })
  }

  #end(pod: LiveObject): void {
    const { name, namespace = '', uid = '', annotations } = pod.metadata
    const fleet = this.in(namespace)
    const { participants, occupiedSince } = fleet.bridge(name)
    const people = participants.size
    const facts = factsOf(pod)
    const cameAt = Date.now() - ((fleet.now - occupiedSince) / this.#speed) * 1000
    if (people > 0) {
      this.losses.push({
        namespace,
        bridge: name,
        uid,
        people,
        cameUnseen: facts?.empty === true && cameAt > Date.parse(facts.at),
        intent: annotations?.[annotation.intent],
      })
    }
    const { nodeName = '' } = (pod as unknown as Pod).spec
    if (this.deadNodes.has(nodeName)) fleet.loseBridge(name)
    else fleet.removeBridge(name)
  }
}

/** An init container waits until the plan wrote the address that clients see. */
function waitsForAddress(pod: LiveObject): boolean {
  const { spec, metadata } = pod as LiveObject & Pod
  const waits = spec.initContainers?.some(({ name }) => name === 'wait-for-address') ?? false
  return waits && !metadata.annotations?.[annotation.advertise]
}
