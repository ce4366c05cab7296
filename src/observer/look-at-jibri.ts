import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { JibriFacts, parseJibriFacts } from '../api/facts.ts'
import { annotation } from '../kube/annotations.ts'
import { privateUrl } from './pod.ts'
import { type Look, pause, settledPause } from './sight.ts'
import { answering, factsToWrite, unreachable } from './steady.ts'

/** `GET /jibri/api/v1.0/health`. */
const Health = Type.Object({
  status: Type.Object({ busyStatus: JibriFacts.properties.busyStatus }),
})

/** Reads one recorder: a busy one holds somebody's recording. */
export const lookAtJibri: Look = async (pod, { edges, deadline }) => {
  const url = privateUrl(pod, 2222)
  if (url === undefined) return { resyncAfterSeconds: pause.underWay }
  const written = parseJibriFacts(pod.metadata.annotations?.[annotation.facts])
  const body = await edges.readJson(`${url}/jibri/api/v1.0/health`, deadline).catch(() => undefined)
  const now = edges.now()
  const facts: JibriFacts | undefined = Value.Check(Health, body)
    ? { ...answering(written, now), busyStatus: body.status.busyStatus }
    : unreachable(written, now)
  const toWrite = facts && factsToWrite(facts, written, { load: [], now })
  return {
    ...(toWrite && { facts: toWrite }),
    resyncAfterSeconds: facts?.reachable ? settledPause(pod) : pause.underWay,
  }
}
