import { randomInt } from 'node:crypto'
import { Random } from '../../src/simulation/fleet/random.ts'
import { answerForPods, type Role } from '../cluster/answering-pods.ts'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { installOperator } from '../cluster/install.ts'
import { Meetings } from '../cluster/meetings.ts'
import { type Metacontroller, startMetacontroller } from '../cluster/metacontroller.ts'
import { type ServiceProcess, startService } from '../cluster/service.ts'
import { ApiFront } from './api-front.ts'
import { HookFront } from './hook-front.ts'
import { Judge } from './judge.ts'
import { nextVersion } from './next-version.ts'
import { View } from './view.ts'

/** A fault that is under way, or was. */
export interface Happening {
  kind: string
  /** A namespace, or `cluster`. */
  where: string
  from: number
  to: number
}

/** A cluster in which everything between the programs can be broken. */
export interface World {
  plane: ControlPlane
  view: View
  judge: Judge
  meetings: Meetings
  hookFront: HookFront
  apiFront: ApiFront
  service: ServiceProcess
  /** The next release, which answers where two versions do. */
  next: ServiceProcess
  /** Namespaces whose calls two versions of the service answer, in turns as chance has it. */
  twoVersions: Set<string>
  /** Namespaces whose Pods do not answer the observer. */
  blind: Set<string>
  /** Which Metacontroller calls the hooks. */
  caller: Metacontroller['name']
  /** Ends Metacontroller as a crash would, and starts it again. */
  restartMetacontroller: () => Promise<void>
  /** Everything that was broken, in order. */
  happenings: Happening[]
  stop: () => Promise<void>
}

const nodes = 6

/** Long enough for heartbeats that a slow etcd holds up. */
const nodeGraceSeconds = 20

/** Starts it all: control plane, two versions of the service, Metacontroller behind fronts. */
export async function startWorld(caller: Metacontroller['name'], seed: number): Promise<World> {
  const plane = await startControlPlane({ nodes, nodeGraceSeconds, podCidr: loopbackCidr() })
  try {
    return await furnished(plane, caller, new Random(seed))
  } catch (error) {
    await plane.stop()
    throw error
  }
}

/** A range of loopback addresses that hardly any other run has. */
const loopbackCidr = () => `127.${randomInt(1, 255)}.${16 * randomInt(16)}.1/20`

async function furnished(
  plane: ControlPlane,
  caller: Metacontroller['name'],
  random: Random,
): Promise<World> {
  await labelPool(plane)
  const service = await startService(plane)
  const next = await startService(plane, { program: 'next-version', cli: nextVersion() })
  const judge = new Judge()
  const twoVersions = new Set<string>()
  const versions = (namespace: string) =>
    twoVersions.has(namespace) && random.chance(0.5) ? next.url : service.url
  const hookFront = new HookFront({ versions, listener: judge.answered })
  await hookFront.listen()
  const apiFront = new ApiFront(plane.access('admin'))
  await apiFront.listen()
  const behind = apiFront.infrontOf(plane)
  let metacontroller = await startMetacontroller(behind, caller)
  await installOperator(plane, hookFront)
  const view = await View.open(plane.client)
  judge.watch(view)
  const blind = new Set<string>()
  const meetings = new Meetings()
  const endAnswers = await answerForPods(plane.client, blindable(meetings, blind))
  return {
    plane,
    view,
    judge,
    meetings,
    hookFront,
    apiFront,
    service,
    next,
    twoVersions,
    blind,
    caller,
    restartMetacontroller: async () => {
      if (caller === 'metacontroller') {
        await plane.programs.kill('metacontroller')
        plane.programs.again('metacontroller')
      } else {
        await metacontroller.stop()
        metacontroller = await startMetacontroller(behind, caller)
      }
    },
    happenings: [],
    stop: async () => {
      meetings.stop()
      view.close()
      endAnswers()
      await metacontroller.stop()
      hookFront.close()
      apiFront.close()
      await plane.stop()
    },
  }
}

/** Two nodes for the Jitsis that have a bridge on each node of a pool. */
async function labelPool({ client }: ControlPlane): Promise<void> {
  for (const name of ['node-1', 'node-2']) {
    const labels = { 'example.org/pool': 'media' }
    await client.patch({ apiVersion: 'v1', kind: 'Node', name }, { metadata: { labels } })
  }
}

/** The Pods of a blind namespace break every call off. */
function blindable({ roles }: Meetings, blind: ReadonlySet<string>): Record<string, Role> {
  return Object.fromEntries(
    Object.entries(roles).map(([name, role]) => [
      name,
      {
        ...role,
        begin: pod => {
          const answer = role.begin(pod)
          return (request, response) =>
            blind.has(pod.metadata.namespace ?? '') ? response.destroy() : answer(request, response)
        },
      } satisfies Role,
    ]),
  )
}
