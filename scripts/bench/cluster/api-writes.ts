import { setTimeout as pause } from 'node:timers/promises'
import { type AnyWrite, allWrites } from '../../../test/cluster/audit.ts'
import { usernames } from '../../../test/cluster/control-plane.ts'
import type { Lab } from '../../../test/cluster/jitsi-lab.ts'

/** What a cluster was written to for a while, and what was asked meanwhile. */
export interface Traffic {
  minutes: number
  /** Writes of Metacontroller and of the service, by what was written. */
  writes: Map<string, number>
  /** Calls of the hooks. */
  calls: Map<string, number>
}

const ours: readonly string[] = [usernames.metacontroller, usernames.service]

/** Listens for so many minutes. */
export async function trafficOf(lab: Lab, minutes: number): Promise<Traffic> {
  const hooks = ['sync', 'customize', 'observe']
  const callsSoFar = () => Promise.all(hooks.map(hook => lab.service.calls(hook)))
  const writesBefore = (await ownWrites(lab)).length
  const before = await callsSoFar()
  await pause(minutes * 60_000)
  const after = await callsSoFar()
  const writes = new Map<string, number>()
  for (const write of (await ownWrites(lab)).slice(writesBefore)) {
    const what = nameOf(write)
    writes.set(what, (writes.get(what) ?? 0) + 1)
  }
  const calls = hooks.map((hook, at): [string, number] => [
    hook,
    (after[at] ?? 0) - (before[at] ?? 0),
  ])
  return { minutes, writes, calls: new Map(calls) }
}

const nameOf = ({ verb, resource, subresource }: AnyWrite) =>
  `${verb} ${resource}${subresource ? `/${subresource}` : ''}`

async function ownWrites({ plane }: Lab): Promise<AnyWrite[]> {
  return (await allWrites(plane.auditLog)).filter(({ username }) => ours.includes(username))
}

/** Seconds until a minute passed without a write of ours; undefined if that never came. */
export async function settled(lab: Lab, atMostMinutes: number): Promise<number | undefined> {
  const began = Date.now()
  while (Date.now() - began < atMostMinutes * 60_000) {
    const last = Math.max(began, ...(await ownWrites(lab)).map(({ at }) => Date.parse(at)))
    if (Date.now() - last >= 60_000) return (last - began) / 1000
    await pause(1000)
  }
  return undefined
}
