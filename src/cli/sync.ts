import { Value } from '@sinclair/typebox/value'
import { SyncRequest } from '../api/metacontroller.ts'
import { KubeObjectSchema } from '../api/wire-objects.ts'
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
  if (!Value.Check(SyncRequest, [KubeObjectSchema], request)) {
    const { path = '', message = '' } =
      Value.Errors(SyncRequest, [KubeObjectSchema], request).First() ?? {}
    const place = path.slice(1).replaceAll('/', '.') || 'it'
    throw new Mistake(
      `${nameOf(file)}: not a sync request of Metacontroller: ${place}: ${message.toLowerCase()}`,
    )
  }
  const { response } = reconcile(request, { now, password: placeholderPasswords() })
  return `${JSON.stringify(checkedAnswer(response), null, 2)}\n`
}
