import type { Random } from '../../src/simulation/fleet/random.ts'
import { referenceTo } from '../cluster/kube-client.ts'
import type { Lane } from './lane.ts'
import { persist } from './persist.ts'
import type { World } from './world.ts'

/**
 * What goes on in an installation while faults hit it: a change of the spec or of its objects, and
 * how that is taken back.
 */
export interface Stir {
  begin: (lane: Lane, world: World, random: Random) => Promise<unknown>
  end?: (lane: Lane) => Promise<unknown>
}

const kinds = ['Deployment', 'Service', 'Ingress', 'NetworkPolicy', 'PodDisruptionBudget']

/** Stirs by name. */
export const stirs: Readonly<Record<string, Stir>> = {
  nothing: { begin: lane => lane.touch() },
  'web changed': {
    begin: lane => persist(() => lane.client.apply(lane.look('two'))),
    end: lane => persist(() => lane.client.apply(lane.look('one'))),
  },
  'a child deleted': {
    begin: async (lane, { view }, random) => {
      const victim = random.pick(
        view
          .childrenIn(lane.namespace)
          .filter(({ kind, metadata }) => kinds.includes(kind) && !isSignalling(metadata.name)),
      )
      if (victim) await lane.remove(referenceTo(victim))
    },
  },
  'one bridge more': {
    begin: lane => (lane.scalable ? replicas(lane, 3) : lane.touch()),
    end: async lane => {
      if (!lane.scalable) return lane.touch()
      // What is not heard of counts as busy: one with people on it would have to go.
      await lane.serving(3)
      return replicas(lane, 2)
    },
  },
  // For a while: nothing is mended until it is over, and a fault may wait for that.
  suspended: {
    begin: async lane => {
      await suspend(lane, true)
      setTimeout(() => void suspend(lane, false), 2000)
    },
    end: lane => suspend(lane, false),
  },
}

const suspend = (lane: Lane, on: boolean) => persist(() => lane.change({ suspend: on }))

const replicas = (lane: Lane, count: number) =>
  persist(() => lane.change({ jvb: { strategy: { replicas: count } } }))

/** To delete these ends meetings, whoever does it. */
const isSignalling = (name: string) => name === 'meet-prosody' || name === 'meet-jicofo'
