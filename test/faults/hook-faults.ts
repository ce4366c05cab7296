import { setTimeout as pause } from 'node:timers/promises'
import { referenceTo } from '../cluster/kube-client.ts'
import { type Faults, type LaneSite, WithoutEffect } from './fault.ts'
import type { Mischief } from './hook-front.ts'

/* What can go wrong between Metacontroller and the service, one call at a time. */

const answers500: Mischief = async ({ response }) => {
  response.writeHead(500, { 'content-type': 'application/json' })
  response.end('{"error":"Internal"}')
}

/** Until Metacontroller gives up. */
const hangs: Mischief = ({ response }) => new Promise(resolve => response.once('close', resolve))

/** The first half of the answer, then nothing: the service was killed while it answered. */
export const breaksOff: Mischief = async ({ response, answer }) => {
  const text = await answer()
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': text.length,
  })
  response.write(text.subarray(0, Math.floor(text.length / 2)))
  await pause(20)
  response.destroy()
}

/** A whole answer that is no whole JSON, as a proxy between the two could make it. */
const garbles: Mischief = async ({ response, answer }) => {
  const text = await answer()
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(text.subarray(0, Math.floor(text.length / 3)))
}

/** Lets the next call about the lane go wrong, be it of the plan or of the observer. */
function atHook(mischief: Mischief) {
  return async ({ world, lane, random }: LaneSite): Promise<void> => {
    const hook = random.chance(0.7) ? '/jitsi/sync' : '/observe'
    const happened = world.hookFront.arm(hook, mischief, lane.namespace)
    await Promise.all([happened, lane.touch()])
  }
}

/** Some calls are answered by the next release, some by this one, as while a Deployment rolls. */
async function twoVersions({ world, lane, random }: LaneSite): Promise<void> {
  const { hookFront, service, next } = world
  const answers = () => [service, next].map(({ url }) => hookFront.delivered(lane.namespace, url))
  const before = answers()
  const bothAnswered = () => answers().every((count, index) => count > (before[index] ?? 0))
  world.twoVersions.add(lane.namespace)
  try {
    // Chance may give all calls to one of them.
    for (let calls = random.whole(3, 8); calls > 0 || !bothAnswered(); calls--) await lane.asked()
  } finally {
    world.twoVersions.delete(lane.namespace)
  }
}

/**
 * Metacontroller hears nothing of the children, and asks with those that it knew before: one of
 * them is gone, and what it made last is not there.
 */
async function childrenStale({ world, lane, random }: LaneSite): Promise<void> {
  const { namespace } = lane
  const tell = world.apiFront.hold(namespace)
  let untold = 0
  try {
    const services = world.view.childrenIn(namespace).filter(({ kind }) => kind === 'Service')
    const service = random.pick(services)
    if (!service || !(await lane.remove(referenceTo(service), service.metadata.uid))) {
      throw new WithoutEffect('no Service to miss')
    }
    for (let calls = random.whole(2, 4); calls > 0; calls--) await lane.asked()
  } finally {
    untold = tell()
  }
  // One that was started meanwhile has seen all that there is.
  if (untold === 0) throw new WithoutEffect('Metacontroller knew everything')
}

export const hookFaults: Faults<LaneSite> = {
  'hook answers 500': atHook(answers500),
  'hook hangs': atHook(hangs),
  'hook breaks off mid-answer': atHook(breaksOff),
  'hook answers half a JSON': atHook(garbles),
  'two versions of the hook': twoVersions,
  'children shown stale': childrenStale,
}
