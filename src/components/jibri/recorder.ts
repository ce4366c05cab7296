import { type JibriFacts, parseJibriFacts } from '../../api/facts.ts'
import { annotation } from '../../kube/annotations.ts'
import { componentOf } from '../../kube/names.ts'
import { hasEnded } from '../../kube/pod.ts'
import type { Pod } from '../../kube/types.ts'
import type { Context } from '../context.ts'

/*
 *  Starting → Idle ⇄ Busy        Expired: it served once (single use mode) and takes no more.
 *               ↘   ↙            Ended: its Pod is through.
 *              Silent            Terminating: Kubernetes is deleting it.
 *
 * Only what is known not to record may go: Busy and Silent recorders stay.
 */
export type RecorderState =
  | 'Starting'
  | 'Idle'
  | 'Busy'
  | 'Silent'
  | 'Expired'
  | 'Ended'
  | 'Terminating'

/** One observed recorder. */
export interface Recorder {
  readonly name: string
  readonly pod: Pod
  /** The number at the end of the name. */
  readonly index: number
  readonly state: RecorderState
  /** Hash of the template that it was made from. */
  readonly revision: string | undefined
  /** It has not answered for so long that another one should take its place. */
  readonly lost: boolean
}

/** A recorder that says nothing for so long is not counted on; what it records, it may go on to. */
const lostSeconds = 120

/** The observed recorders, by number. */
export function recordersOf({ observed, now }: Context): Recorder[] {
  return observed.pods
    .filter(pod => componentOf(pod) === 'jibri')
    .map(pod => recorderOf(pod, now))
    .sort((a, b) => a.index - b.index)
}

function recorderOf(pod: Pod, now: Date): Recorder {
  const { name, annotations = {} } = pod.metadata
  const facts = parseJibriFacts(annotations[annotation.facts])
  const silentSince = new Date(facts?.since ?? pod.status?.startTime ?? now)
  const state = stateOf(pod, facts)
  return {
    name,
    pod,
    index: Number(/-(\d+)$/.exec(name)?.[1] ?? -1),
    state,
    revision: annotations[annotation.revision],
    lost: state === 'Silent' && now.getTime() - silentSince.getTime() > lostSeconds * 1000,
  }
}

function stateOf(pod: Pod, facts: JibriFacts | undefined): RecorderState {
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  if (hasEnded(pod)) return 'Ended'
  if (!facts) return pod.status?.phase === 'Running' ? 'Silent' : 'Starting'
  if (!facts.reachable) return 'Silent'
  return ({ IDLE: 'Idle', BUSY: 'Busy', EXPIRED: 'Expired' } as const)[facts.busyStatus]
}

/** May it hold somebody's recording? Whatever is unknown may. */
export const mayRecord = ({ state }: Recorder): boolean => state === 'Busy' || state === 'Silent'
