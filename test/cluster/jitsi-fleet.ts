import type { Test } from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import {
  bridgePods,
  factsOf,
  intentOf,
  type JitsiWishes,
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
}

/** Starts one for a file of tests, which run side by side in it. */
export async function startCampus(t: Pick<Test, 'teardown' | 'comment'>): Promise<Campus> {
  const meetings = new Meetings()
  const lab = await startLab({ roles: meetings.roles })
  t.teardown(async () => {
    meetings.stop()
    await lab.stop()
  })
  t.comment(`hooks called by: ${lab.metacontroller.name}`)
  return { lab, meetings }
}

/** A Jitsi in a namespace of its own, and how its bridges are; they need not serve yet. */
export async function fleetIn(
  { lab, meetings }: Campus,
  namespace: string,
  wishes: JitsiWishes = {},
) {
  const { client } = lab.plane
  const fleet = meetings.in(namespace)
  const jitsi = await makeJitsi(client, namespace, wishes)
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
      await until('meetings', () => busy().length === bridges)
      await until('that they are written down', async () => {
        const seen = (await pods()).filter(pod => (factsOf(pod)?.conferences ?? 0) > 0)
        return seen.length === bridges
      })
      return () => {
        for (const meeting of held) fleet.adjourn(meeting)
      }
    },
    /** Ends the meetings on some bridges. */
    adjournOn: (bridges: readonly KubeObject[]) => {
      const names = new Set(bridges.map(nameOf))
      for (const { name, conferences } of fleet.bridges) {
        if (names.has(name)) for (const meeting of [...conferences]) fleet.adjourn(meeting)
      }
    },
  }
}

/** A Jitsi with people on it. */
export type JitsiFleet = Awaited<ReturnType<typeof fleetIn>>
