import type { KubeObject } from '../../src/kube/types.ts'
import { bridgePods, factsOf, intentOf, serves, untilServing } from '../cluster/bridge-pods.ts'
import { jitsiCondition } from '../cluster/jitsi-lab.ts'
import { type KubeClient, type Reference, referenceTo } from '../cluster/kube-client.ts'
import { makeNamespace } from '../cluster/namespace.ts'
import { until } from '../cluster/until.ts'
import { differences, lastingState } from './lasting-state.ts'
import { persist, unlessGone } from './persist.ts'
import { shapes } from './shapes.ts'
import type { World } from './world.ts'

/** Half a day away: in its window a change of prosody need not wait for meetings. */
const maintenance = { start: new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16) }

/** Bridges of each shape. */
export const bridges = 2

/**
 * One Jitsi in a namespace of its own, with meetings on its bridges, on which one fault follows the
 * other; lanes run beside each other.
 */
export class Lane {
  readonly namespace: string
  readonly client: KubeClient
  readonly jitsi: KubeObject
  readonly scalable: boolean
  private readonly world: World
  /** How it is when nothing disturbs it. */
  private reference: Record<string, unknown> = {}

  private constructor(world: World, index: number, attempt: number) {
    this.world = world
    this.client = world.plane.client
    this.namespace = `lane-${index}${attempt > 0 ? `-${attempt}` : ''}`
    const jvb = shapes[index % shapes.length] ?? {}
    this.scalable = (jvb.strategy as { type?: string }).type === 'static'
    this.jitsi = {
      apiVersion: 'apps.jit.si/v1alpha1',
      kind: 'Jitsi',
      metadata: { name: 'meet', namespace: this.namespace },
      spec: {
        domain: `${this.namespace}.example.org`,
        metrics: true,
        ingress: { enabled: true },
        web: { customConfigCM: { name: 'look' } },
        maintenance,
        jvb,
      },
    }
  }

  /**
   * Makes the installation, waits until it is at rest, and remembers how it is then. Where one did
   * not come back, another attempt has a namespace of its own.
   */
  static async prepare(world: World, index: number, attempt = 0): Promise<Lane> {
    const lane = new Lane(world, index, attempt)
    const { client, namespace, jitsi } = lane
    await makeNamespace(client, namespace)
    await client.create(lane.look('one'))
    await client.create(jitsi)
    await untilServing({ plane: world.plane }, jitsi, { count: bridges, timeoutMs: 240_000 })
    world.meetings.hold(namespace, bridges)
    await until(
      'meetings',
      async () => (await lane.pods()).some(pod => (factsOf(pod)?.conferences ?? 0) > 0),
      { timeoutMs: 120_000, everyMs: 500 },
    )
    // A bridge that status still calls starting would be what all later states are compared with.
    await until(
      'Ready, and nothing under way',
      async () =>
        (await lane.condition('Ready')) === 'True' &&
        (await lane.condition('Progressing')) === 'False',
      { timeoutMs: 120_000, everyMs: 500 },
    )
    await until(
      `${namespace} at rest`,
      async () => {
        const before = lastingState(world.view, namespace)
        await lane.asked()
        await lane.asked()
        lane.reference = lastingState(world.view, namespace)
        return differences(before, lane.reference).length === 0
      },
      { timeoutMs: 120_000, everyMs: 2000 },
    )
    return lane
  }

  /** What web shows, from a ConfigMap of the user's. */
  look(language: string): KubeObject {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'look', namespace: this.namespace },
      data: { 'custom-config.js': `config.defaultLanguage = '${language}';\n` },
    }
  }

  /** The address of something of this lane. */
  at(apiVersion: string, kind: string, name: string): Reference {
    return { apiVersion, kind, name, namespace: this.namespace }
  }

  /** Deletes an object; false when it is gone, or another one by now. */
  remove(reference: Reference, uid?: string): Promise<boolean> {
    return unlessGone(() => this.client.remove(reference, uid))
  }

  pods() {
    return bridgePods(this.client, this.namespace)
  }

  /** Waits until at least so many bridges serve, and all others are on their way out. */
  serving(count: number): Promise<unknown> {
    return until(
      `${count} bridges of ${this.namespace}`,
      async () => {
        const stay = (await this.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
        return stay.length >= count && stay.every(pod => serves(pod) || intentOf(pod) === 'drain')
      },
      { timeoutMs: 180_000, everyMs: 500 },
    )
  }

  condition(type: string) {
    return jitsiCondition(this.world.plane, this.jitsi, type)
  }

  change(spec: Record<string, unknown>) {
    return this.client.patch(referenceTo(this.jitsi), { spec })
  }

  /** Makes Metacontroller ask for the plan. */
  async touch(): Promise<void> {
    const annotations = { 'example.test/touched': String(Date.now()) }
    await persist(() => this.client.patch(referenceTo(this.jitsi), { metadata: { annotations } }))
  }

  /** Waits until Metacontroller has asked once more, and got its answer. */
  async asked(): Promise<void> {
    const { hookFront } = this.world
    const before = hookFront.delivered(this.namespace)
    await this.touch()
    await until(
      `an answer about ${this.namespace}`,
      () => hookFront.delivered(this.namespace) > before,
      { timeoutMs: 180_000 },
    )
  }

  /** Waits until everything is as it was before anything happened, and stays so when asked again. */
  async converged(): Promise<void> {
    let left: string[] = []
    const same = () => {
      this.endMeetings()
      left = differences(this.reference, lastingState(this.world.view, this.namespace))
      return left.length === 0
    }
    const patience = { timeoutMs: 180_000, everyMs: 300 }
    await until(`${this.namespace} as it was`, same, patience)
      .then(() => this.asked())
      .then(() => until(`${this.namespace} as it was, still`, same, patience))
      .catch(() => {
        throw new Error(`does not come back: ${left.slice(0, 10).join('\n    ')}`)
      })
  }

  /** Meetings on bridges that are to go end, as every meeting does, and others begin elsewhere. */
  private endMeetings(): void {
    const { view, meetings } = this.world
    const fleet = meetings.in(this.namespace)
    const going = view.childrenIn(this.namespace).filter(pod => intentOf(pod) === 'drain')
    const people = fleet.bridges
      .filter(({ name }) => going.some(({ metadata }) => metadata.name === name))
      .flatMap(({ participants }) => [...participants])
    const over = new Set(people.map(({ conference }) => conference))
    for (const conference of over) fleet.people.adjourn(conference)
    if (over.size > 0) meetings.hold(this.namespace, over.size)
  }
}
