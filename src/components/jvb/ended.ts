import type { JicofoFacts } from '../../api/facts.ts'
import type { Bridge } from './bridge.ts'
import { type Hearing, removalOfLost } from './lost.ts'
import { failedLately } from './roles.ts'
import { type Verdict, bridgeReason as why } from './verdict.ts'

/** Bridges that are through: drained, ended, or lost for good. */
export function ended(
  bridge: Bridge,
  people: { jicofo: JicofoFacts | undefined; canMovePeople: boolean },
  hearing: Hearing,
): [string, Verdict][] {
  const remove = (reason: string, message: string): [string, Verdict][] => [
    [bridge.name, { action: 'remove', reason, message }],
  ]
  if (bridge.state === 'Empty') return remove(why.Drained, 'its last meeting has ended')
  if (bridge.state === 'Failed') {
    return failedLately(bridge, hearing.now) ? [] : remove(why.PodEnded, 'its Pod ended')
  }
  const lost = removalOfLost(bridge, hearing, people)
  return lost ? [[bridge.name, lost]] : []
}
