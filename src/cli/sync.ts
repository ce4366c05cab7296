import { SyncRequest } from '../api/metacontroller.ts'
import { requestCheck } from '../api/request-check.ts'
import { reconcile } from '../core/reconcile.ts'
import { checkedAnswer } from '../hooks/checked-answer.ts'
import { documentsOf, nameOf } from './documents.ts'
import { Mistake } from './mistake.ts'
import { placeholderPasswords } from './placeholder.ts'

/** The answer to a recorded sync request, as JSON: to replay a decision without any cluster. */
export async function answerToFile(file: string, now: Date): Promise<string> {
  const [request, ...more] = await documentsOf(file)
  if (request === undefined) throw new Mistake(`${nameOf(file)}: there is nothing in it`)
  if (more.length > 0) {
    throw new Mistake(`${nameOf(file)}: ${more.length + 1} documents, but one request is expected`)
  }
  const problem = requestCheck(SyncRequest)(request)
  if (problem) {
    const place = problem.path.slice(1).replaceAll('/', '.') || 'it'
    throw new Mistake(
      `${nameOf(file)}: not a sync request of Metacontroller: ${place}: ${problem.message}`,
    )
  }
  const { response } = reconcile(request as SyncRequest, { now, password: placeholderPasswords() })
  return `${JSON.stringify(checkedAnswer(response), null, 2)}\n`
}
