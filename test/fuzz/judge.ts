import { Value } from '@sinclair/typebox/value'
import { JitsiSpec } from '../../src/api/jitsi.ts'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { resolveSpec } from '../../src/core/context.ts'
import { unreadJsonCut } from '../../src/service/unread-json.ts'
import type { FuzzCall } from './calls.ts'
import { plantedIn } from './planted.ts'

/** What came back for a call, and what the service logged on the way. */
export interface Reply {
  status: number
  body: string
  log: string
}

/** What must never happen and did, as sentences; none if all is well. */
export function violationsOf(call: FuzzCall, reply: Reply): string[] {
  const { status, body, log } = reply
  const general = [
    ...(status === 200 || (status >= 400 && status < 500) ? [] : [`answered ${status}: ${log}`]),
    ...plantedIn(log).map(secret => `the log holds ${secret}`),
    ...(Object.keys(Object.prototype).length > 0 ? ['Object.prototype has new members'] : []),
  ]
  if (status !== 200)
    return [...general, ...plantedIn(body).map(secret => `the error holds ${secret}`)]
  const answer: unknown = JSON.parse(body)
  return [...general, ...judges[call.url](answer, call)]
}

const judges = {
  '/jitsi/sync': syncViolations,
  '/jitsi/customize': customizeViolations,
  '/observe': observeViolations,
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

const isObject = (value: unknown): value is Record<string, unknown> =>
  isContainer(value) && !Array.isArray(value)

function syncViolations(answer: unknown, { body }: FuzzCall): string[] {
  if (!isObject(answer)) return ['the answer is no object']
  const { status, children } = answer
  if (!isObject(status)) return ['the answer has no status']
  if (!Array.isArray(children)) return ['the answer has no list of children']
  const answered = children.map(identityOf)
  if (answered.includes(undefined)) return ['a child without kind or name']
  const names = new Set(answered)
  const seen = seenOf(body)
  return [
    ...(names.size < children.length ? ['a child is there twice'] : []),
    ...plantedIn(JSON.stringify(status)).map(secret => `status holds ${secret}`),
    ...(changesNothing(status, seen) ? missing(seen, names) : []),
  ]
}

function identityOf(child: unknown): string | undefined {
  if (!isObject(child) || !isObject(child.metadata)) return undefined
  const { apiVersion, kind, metadata } = child
  if (!kind || !metadata.name) return undefined
  return `${apiVersion} ${kind} ${metadata.name}`
}

const fatalReasons = [
  'SpecTooLarge',
  'WrongShape',
  'NameWithDots',
  'UnsupportedImage',
  'UnknownTimezone',
  'LimitsCrossed',
  'Suspended',
]

/** Is the spec one with which nothing may be changed: by its schema, or as the plan itself says? */
function changesNothing({ conditions = [] }: JitsiStatus, { parent }: SyncRequest): boolean {
  return (
    conditions.some(({ reason }) => fatalReasons.includes(reason)) ||
    !Value.Check(JitsiSpec, resolveSpec(parent.spec))
  )
}

/**
 * The request as the service sees it, which takes no member that would pose as a prototype. It is
 * read as a whole, so that a wrong cut shows; only what is cut out may be broken JSON.
 */
function seenOf(body: string): SyncRequest {
  try {
    return withoutPrototypes(body)
  } catch {
    return withoutPrototypes(Buffer.concat(unreadJsonCut()(Buffer.from(body))).toString())
  }
}

/** In a loop: JSON.parse calls a reviver level by level, and gives up where much is nested. */
function withoutPrototypes(json: string): SyncRequest {
  const request = JSON.parse(json)
  const containers = [request].filter(isContainer)
  for (const container of containers) {
    for (const [key, member] of Object.entries(container)) {
      if (isPrototype(key, member)) Reflect.deleteProperty(container, key)
      else if (isContainer(member)) containers.push(member)
    }
  }
  return request
}

function isPrototype(key: string, member: unknown): boolean {
  return key === '__proto__' || (key === 'constructor' && isObject(member) && 'prototype' in member)
}

/** Children that are observed and not in the answer, which deletes them. */
function missing({ children }: SyncRequest, answered: ReadonlySet<unknown>): string[] {
  const objects = Object.values<object>(children).flatMap(group => Object.values(group))
  return (
    objects
      .map(identityOf)
      // Under a key like `__proto__` stands what is no object, and what the service never sees.
      .filter(identity => identity !== undefined && !answered.has(identity))
      .map(identity => `the spec is wrong, and ${identity} would be deleted`)
  )
}

function customizeViolations(answer: unknown): string[] {
  if (!isObject(answer) || !Array.isArray(answer.relatedResources)) return ['no list of rules']
  const isRule = (rule: unknown) =>
    isObject(rule) && typeof rule.apiVersion === 'string' && typeof rule.resource === 'string'
  return answer.relatedResources.every(isRule) ? [] : ['a rule without apiVersion or resource']
}

function observeViolations(answer: unknown): string[] {
  if (!isObject(answer) || !isObject(answer.annotations)) return ['no annotations']
  const isText = (value: unknown) => value === null || typeof value === 'string'
  return [
    ...(Object.values(answer.annotations).every(isText) ? [] : ['an annotation that is no text']),
    ...(Array.isArray(answer.attachments) ? [] : ['no list of attachments']),
  ]
}
