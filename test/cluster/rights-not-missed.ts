import { type Rule, rightsOf, singleRights } from '../chart/rights.ts'
import type { AccessQuestion } from './audit.ts'
import type { KubeClient, Reference } from './kube-client.ts'
import { until } from './until.ts'

/**
 * Takes the rights of a role away, one at a time, and asks the API server whether a call that it
 * let through would still be let through; then gives it back. Returns the rights that are not
 * missed: those without such a call, and those without which it is allowed all the same.
 */
export async function rightsNotMissed(
  client: KubeClient,
  role: Reference,
  used: ReadonlyMap<string, AccessQuestion>,
): Promise<string[]> {
  const { rules } = (await client.get(role)) as unknown as { rules: Rule[] }
  const rights = singleRights(rules)
  const notMissed: string[] = []
  for (const right of rights) {
    const name = `${role.name}: ${[...rightsOf([right])]}`
    const question = used.get(name)
    await client.patch(role, { rules: rights.filter(other => other !== right) })
    if (!question || !(await becomes(false, client, question))) notMissed.push(name)
    await client.patch(role, { rules })
    if (question && !(await becomes(true, client, question))) throw new Error(`${name} is lost`)
  }
  return notMissed
}

/** Roles take a moment to come into force. */
async function becomes(
  wanted: boolean,
  client: KubeClient,
  spec: AccessQuestion,
): Promise<boolean> {
  const [apiVersion, kind] = ['authorization.k8s.io/v1', 'SubjectAccessReview']
  const review = { apiVersion, kind, metadata: { name: '' }, spec }
  const isSo = async () => {
    const { allowed } = (await client.create(review)).status as { allowed: boolean }
    return allowed === wanted
  }
  return until('the role in force', isSo, { timeoutMs: 5000, everyMs: 10 }).catch(() => false)
}
