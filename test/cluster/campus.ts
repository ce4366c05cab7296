import type { Test } from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import {
  type BridgeWishes,
  bridgePods,
  factsOf,
  intentOf,
  makeJitsi,
  nameOf,
  scale,
  untilServing,
} from './bridge-pods.ts'
import { type Lab, startLab } from './jitsi-lab.ts'
import { Meetings } from './meetings.ts'
import { until } from './until.ts'

/** A lab in which people meet. */
export interface Campus {
  lab: Lab
  meetings: Meetings
  /** Nodes that no test has taken for itself; the first one is for what is no bridge. */
  free: string[]
}

let campus: Promise<Campus> | undefined

/** The campus of this process: files of tests that run together share it, side by side. */
export function campusOf(t: Test): Promise<Campus> {
  campus ??= openCampus(t)
  return campus
}

const nodeCount = 20

async function openCampus(t: Test): Promise<Campus> {
  // Waiting is bounded where it happens, with a message.
  t.setTimeout(0)
  // Most of the time is spent waiting: for bridges to start, or to be seen empty twice.
  t.jobs = 16
  const meetings = new Meetings()
  const lab = await startLab({ roles: meetings.roles, nodes: nodeCount })
  t.teardown(async () => {
    meetings.stop()
    await lab.stop()
  })
  t.comment(`hooks called by: ${lab.metacontroller.name}`)
  const [first = '', ...free] = Array.from({ length: nodeCount }, (_, index) => `node-${index + 1}`)
  await label(lab, first, noBridges)
  return { lab, meetings, free }
}

const pool = 'example.test/pool'
const noBridges = 'no-bridges'

async function label({ plane }: Lab, node: string, name: string): Promise<void> {
  const body = { metadata: { labels: { [pool]: name } } }
  await plane.client.patch({ apiVersion: 'v1', kind: 'Node', name: node }, body)
}

/** Sets nodes aside for the bridges of one Jitsi, or of several: what happens to them is its own. */
export async function nodesFor({ lab, free }: Campus, name: string, count: number) {
  const nodes = free.splice(0, count)
  if (nodes.length < count) throw new Error(`no ${count} nodes are left for ${name}`)
  for (const node of nodes) await label(lab, node, name)
  return nodes
}

/** For `spec.jvb`: bridges on the nodes of that name alone. */
export const on = (name: string) => ({ nodeSelector: { [pool]: name } })

/** A Jitsi in a namespace of its own, and how its bridges are; they need not serve yet. */
export async function fleetIn(
  { lab, meetings }: Campus,
  namespace: string,
  wishes: BridgeWishes = {},
) {
  const { client } = lab.plane
  const fleet = meetings.in(namespace)
  const [web, prosody, jicofo] = [on(noBridges), on(noBridges), on(noBridges)]
  const jitsi = await makeJitsi(client, namespace, { ...wishes, spec: { web, prosody, jicofo } })
  const pods = () => bridgePods(client, namespace)
  const busy = () => fleet.bridges.filter(({ participants }) => participants.size > 0)
  return {
    fleet,
    jitsi,
    pods,
    draining: async () => (await pods()).filter(pod => intentOf(pod) === 'drain'),
    scale: (count: number) => scale(client, jitsi, count),
    serving: (count: number) => untilServing(lab, jitsi, { count }),
    losses: () => meetings.losses.filter(loss => loss.namespace === namespace),
    /** Holds meetings, as many as keep that many bridges busy; returns how to end them. */
    keepBusy: async (bridges: number, count = bridges) => {
      const held = meetings.hold(namespace, count)
      await until('meetings', () => {
        // Jicofo may not have heard of every bridge when the first ones began.
        const begun = held.every(({ people }) => people.size > 0)
        if (begun && busy().length < bridges) held.push(...meetings.hold(namespace, 1))
        return busy().length === bridges
      })
      await until('that they are written down', async () => {
        const seen = (await pods()).filter(pod => (factsOf(pod)?.conferences ?? 0) > 0)
        return seen.length === bridges
      })
      return () => {
        for (const meeting of held) fleet.people.adjourn(meeting)
      }
    },
    /** Ends the meetings on some bridges. */
    adjournOn: (bridges: readonly KubeObject[]) => {
      const names = new Set(bridges.map(nameOf))
      for (const { name, conferences } of fleet.bridges) {
        if (names.has(name)) for (const meeting of [...conferences]) fleet.people.adjourn(meeting)
      }
    },
  }
}

/** A Jitsi with people on it. */
export type JitsiFleet = Awaited<ReturnType<typeof fleetIn>>
