import { Environment } from '@marcbachmann/cel-js/evaluator'
import { specRules } from '../api/crd.ts'
import type { JitsiSpec } from '../api/jitsi.ts'
import { shapeProblems } from '../core/shape-problems.ts'
import { isRecord } from '../kube/record.ts'

/**
 * The rules between fields that a spec breaks, in their own words. In a cluster the API server has
 * refused it; a file has met none. Like the API server, we look at specs of the right shape alone.
 * The service does without: what it gets, the API server let through.
 */
export function brokenRules(spec: JitsiSpec): string[] {
  if (shapeProblems(spec).length > 0) return []
  const cel = new Environment().registerVariable('self', 'dyn')
  const self = withWholeNumbers(spec)
  return specRules
    .filter(({ rule }) => cel.evaluate(rule, { self }) !== true)
    .map(({ message }) => `the API server refuses it: spec: ${message}`)
}

/** To CEL, 1 and 1.0 are of two types, and JavaScript has one. All numbers in rules are whole. */
function withWholeNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeNumbers)
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, withWholeNumbers(member)]),
    )
  }
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}
