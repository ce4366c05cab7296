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
  violations: { call: FuzzCall; problem: string }[]
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
    for (const problem of violationsOf(call, reply)) findings.violations.push({ call, problem })
    onProgress?.(number - first + 1)
  }
  return findings
}

function count({ counts }: Findings, { kind }: FuzzCall, status: number) {
  const ofKind = counts.get(kind) ?? new Map<number, number>()
  ofKind.set(status, (ofKind.get(status) ?? 0) + 1)
  counts.set(kind, ofKind)
}
