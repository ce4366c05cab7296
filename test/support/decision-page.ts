import { readFileSync } from 'node:fs'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import type { Plan } from '../../src/core/plan.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { childrenOf } from './cluster.ts'

/*
 * docs/decisions.md is read out of the source, by the ways in which a reason is written there. Here
 * it meets what a plan really says: each reason with its condition or topic, and its sentence.
 */

/** By `Ready False: Reason`, or `Recorders: Reason` where it is that of no condition. */
export const sentencesOf = new Map(
  readFileSync('docs/decisions.md', 'utf8')
    .split(/^## /m)
    .flatMap(section => {
      const [title = ''] = section.split('\n')
      return [...section.matchAll(/^\| `(\w+)` \| (?:`(\w+)` (\w+))?.*? \| (.*?) \| .* \|$/gm)].map(
        ([, reason, type, status, sentences = '']): [string, string[]] => [
          `${type ? `${type} ${status}` : title}: ${reason}`,
          sentences.split('<br>'),
        ],
      )
    }),
)

/** A reason as the page names it, and what is said with it. */
export interface Said {
  key: string
  message?: string
}

/** What a plan says, to people and to programs. */
export const saidBy = (request: SyncRequest, plan: Plan): Said[] => [
  ...conditionsIn(request, plan),
  ...decisionsIn(plan),
  ...writtenOfBridges(plan),
]

function conditionsIn(request: SyncRequest, { response }: Plan): Said[] {
  const { conditions = [] } = response.status as JitsiStatus
  const configuration = conditions.find(({ type }) => type === 'ConfigurationValid')
  // The page says of both that they are repeated.
  const repeated: Record<string, readonly (string | undefined)[]> = {
    Ready: [configuration?.reason],
    Autoscaling: reasonsOfAutoscaler(request),
  }
  return conditions
    .filter(({ type, reason }) => !repeated[type]?.includes(reason))
    .map(({ type, status, reason, message }) => ({ key: `${type} ${status}: ${reason}`, message }))
}

function reasonsOfAutoscaler(request: SyncRequest): string[] {
  const autoscaler = [...childrenOf(request).values()].find(
    ({ kind }) => kind === 'HorizontalPodAutoscaler',
  )
  const { conditions = [] } = (autoscaler?.status ?? {}) as JitsiStatus
  return conditions.map(({ reason }) => reason)
}

function decisionsIn({ response, decisions }: Plan): Said[] {
  const { conditions = [] } = response.status as JitsiStatus
  const blocked = conditions.find(({ type }) => type === 'EvacuationBlocked')
  return decisions.map(({ reason, message, object }) => {
    if (reason === blocked?.reason) return { key: `EvacuationBlocked True: ${reason}`, message }
    const topic = /-jibri-\d+$/.test(object ?? '') ? 'Recorders' : 'Bridges'
    return { key: `${topic}: ${reason}`, message }
  })
}

/** In status and in annotations; the message there may say what a bridge waits for. */
function writtenOfBridges({ response }: Plan): Said[] {
  const { bridges = [] } = response.status as JitsiStatus
  const reasons = [
    ...bridges.map(({ reason }) => reason),
    ...response.children.map(child => child.metadata.annotations?.[annotation.intentReason]),
  ]
  return reasons.flatMap(reason => (reason ? [{ key: `Bridges: ${reason}` }] : []))
}

/** In a sentence of the page `…` stands for anything; more may stand around it. */
const isLike = (message: string, sentence: string) =>
  new RegExp(sentence.replace(/[^\w\s…]/g, '\\$&').replaceAll('…', '.*'), 's').test(message)

/** Does the page know of it, and say it in these words? */
export const isOnPage = ({ key, message = '' }: Said) =>
  sentencesOf.get(key)?.some(sentence => message === '' || isLike(message, sentence)) === true

/** What a plan says of which the page does not know. */
export const unlisted = (request: SyncRequest, plan: Plan): Said[] =>
  saidBy(request, plan).filter(said => !isOnPage(said))
