import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { callOf, type FuzzCall } from './calls.ts'
import { violationsOf } from './judge.ts'
import type { Target } from './targets.ts'

/** A run: the calls of these numbers, with this seed. */
export interface Run {
  seed: number
  first: number
  calls: number
  onProgress?: (done: number) => void
}

/** What a run found. */
export interface Findings {
  /** How many calls of each kind had which status. */
  counts: Map<FuzzCall['kind'], Map<number, number>>
  /** The first of each sort, and how often it was seen: a bug is found again and again. */
  violations: Violation[]
}

/** What must not happen and did. */
export interface Violation {
  call: FuzzCall
  problem: string
  times: number
}

/** Sends the calls one after the other and judges every answer. */
export async function fuzz(
  target: Target,
  corpus: readonly SyncRequest[],
  { seed, first, calls, onProgress }: Run,
): Promise<Findings> {
  const findings: Findings = { counts: new Map(), violations: [] }
  for (let number = first; number < first + calls; number++) {
    const call = callOf(seed, number, corpus)
    const reply = await target.send(call)
    count(findings, call, reply.status)
    for (const problem of violationsOf(call, reply)) note(findings, call, problem)
    onProgress?.(number - first + 1)
  }
  return findings
}

function note({ violations }: Findings, call: FuzzCall, problem: string) {
  const known = violations.find(other => sortOf(other.problem) === sortOf(problem))
  if (known) known.times += 1
  else violations.push({ call, problem, times: 1 })
}

/** The problem without what differs from call to call: numbers, and whom a log line is about. */
const sortOf = (problem: string) =>
  problem.replaceAll(/"(time|reqId|parent)":("[^"]*"|\{[^}]*\})/g, '').replaceAll(/\d+/g, '#')

function count({ counts }: Findings, { kind }: FuzzCall, status: number) {
  const ofKind = counts.get(kind) ?? new Map<number, number>()
  ofKind.set(status, (ofKind.get(status) ?? 0) + 1)
  counts.set(kind, ofKind)
}
