import t from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import { objectsIn } from '../chart/chart.ts'
import { type Rule, rightsOf } from '../chart/rights.ts'
import { shipped } from '../chart/shipped.ts'
import { rightsUsed } from './audit.ts'
import { editJitsi } from './editor.ts'
import {
  applyExample,
  childKinds,
  childrenIn,
  jitsiCondition,
  renderedExample,
  startLab,
} from './jitsi-lab.ts'
import { type LiveObject, referenceTo } from './kube-client.ts'
import { makeNamespace } from './namespace.ts'
import { rightsNotMissed } from './rights-not-missed.ts'
import { findTools } from './tools/install.ts'
import { until } from './until.ts'

/*
 * Every right that our roles give is made use of in the life of a Jitsi that has everything: its
 * objects are made, put right when somebody changed them, and deleted when they are not asked for
 * any more. The roles for people are made use of by kubectl. The API server's audit log names the
 * role that let each call through, and without that right the same call is refused: each is taken
 * away by itself, and missed.
 *
 * Needs METACONTROLLER_BIN: the stand-in makes other calls.
 */

t.setTimeout(0)

const skip = !process.env.METACONTROLLER_BIN && 'METACONTROLLER_BIN names no Metacontroller'
/** Made use of, and missed, in test/chart/trust.cluster.ts: here Metacontroller leads nobody. */
const leader = 'jitsi-operator-leader'
/** As against API servers that stream no lists (before 1.34). */
process.env.KUBE_FEATURE_WatchListClient = 'false'

const ofChildren = 'jitsi-operator-metacontroller'
/** Checked by an admission plugin, not by a call: the first test takes it away. */
const finalizers = `${ofChildren}: apps.jit.si/jitsis/finalizers update`

await t.test('rights', { skip }, async t => {
  const lab = await startLab({
    plane: {
      auditReadsOf: ['metacontroller', 'service', 'person'],
      admission: ['OwnerReferencesPermissionEnforcement'],
    },
  })
  t.teardown(() => lab.stop())
  const { client, auditLog } = lab.plane
  const objects = shipped(await findTools(['helm', 'kubectl']))
  const roles = objects.filter(
    ({ kind, metadata }) => kind.endsWith('Role') && metadata.name !== leader,
  )
  const given = new Set(
    roles.flatMap(({ metadata, rules }) =>
      [...rightsOf(rules as Rule[])].map(right => `${metadata.name}: ${right}`),
    ),
  )

  await t.test('without the right on finalizers no child can be made', async t => {
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const role = { apiVersion, kind: 'ClusterRole', name: ofChildren }
    const { rules } = (await client.get(role)) as unknown as { rules: Rule[] }
    const others = rules.filter(({ resources }) => !resources.includes('jitsis/finalizers'))
    await client.patch(role, { rules: others })
    const namespace = 'refused'
    await makeNamespace(client, namespace)
    const jitsi = await applyExample(lab.plane, 'minimal.yaml', namespace)
    const refusal = await until('a refusal', async () => {
      const events = await client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace })
      return events.find(it => String(it.message).includes('blockOwnerDeletion'))
    })
    t.equal(refusal.reason, 'SyncError')
    t.strictSame(await childrenIn(lab.plane, namespace), [])
    await client.patch(role, { rules })
    await until('children', async () => (await childrenIn(lab.plane, namespace)).length > 5, {
      timeoutMs: 180_000,
    })
    await client.remove(referenceTo(jitsi))
  })

  await t.test('each right is used, and let through by the role that gives it', async t => {
    const namespace = 'everything'
    await makeNamespace(client, namespace)
    const jitsi = await applyExample(lab.plane, 'everything.yaml', namespace)
    // A secret among the variables becomes a Secret, which goes when nothing reads it any more.
    const variables = { JWT_APP_SECRET: 'swordfish' }
    await client.patch(referenceTo(jitsi), { spec: { variables } })
    const expected = objectsIn(await renderedExample('everything.yaml')).filter(
      ({ kind, metadata }) => kind !== 'Jitsi' && !metadata.name.includes('-passwords-'),
    )
    const children = await until(
      'all objects',
      async () => {
        const found = await childrenIn(lab.plane, namespace)
        return expected.every(object => found.some(it => isSame(it, object))) && found
      },
      { timeoutMs: 120_000, everyMs: 500 },
    )
    await putsRight(children)
    await metricsAutoscaler(jitsi)
    await everythingOff(jitsi)
    await editJitsi(lab.plane)
    const idle = async () => {
      const used = await rightsUsed(auditLog)
      return [...given].filter(right => !used.has(right) && right !== finalizers)
    }
    const all = async () => (await idle()).length === 0
    await until('every right used', all, { timeoutMs: 90_000, everyMs: 2000 }).catch(() => {})
    t.strictSame(await idle(), [], 'rights that nothing makes use of')
    const byOthers = [...(await rightsUsed(auditLog)).keys()].filter(right => !given.has(right))
    t.strictSame(byOthers, [], 'calls that another role let through')
  })

  await t.test('without any one of them, a call that was made is refused', async t => {
    // It would try again what it was refused.
    await lab.metacontroller.stop()
    const used = await rightsUsed(auditLog)
    for (const [name, role] of new Map(roles.map(it => [it.metadata.name, referenceTo(it)]))) {
      const notMissed = await rightsNotMissed(client, role, used)
      t.strictSame(notMissed.join(), name === ofChildren ? finalizers : '', name)
    }
  })

  await t.test('none is a wildcard, and roles of others are bound to nobody', async t => {
    t.notMatch([...given].join(), '*')
    const names = new Set([leader, ...roles.map(({ metadata }) => metadata.name)])
    const bound = objects.filter(({ kind }) => kind.endsWith('RoleBinding'))
    const byOthers = bound.filter(({ roleRef }) => !names.has((roleRef as { name: string }).name))
    t.strictSame(byOthers, [])
  })

  /** Somebody takes a label away from one object of each kind, and it comes back. */
  async function putsRight(children: readonly LiveObject[]): Promise<void> {
    const label = 'app.kubernetes.io/managed-by'
    for (const { kind } of childKinds) {
      const child = children.find(it => it.kind === kind && it.metadata.labels?.[label])
      // A claim is never updated; a Pod is, for its annotations, and its labels are repeated.
      if (!child || kind === 'PersistentVolumeClaim' || kind === 'Pod') continue
      const reference = referenceTo(child)
      await client.patch(reference, { metadata: { labels: { [label]: 'nobody' } } })
      await until(`the label of ${kind} back`, async () => {
        const now = await client.find(reference)
        return now?.metadata.labels?.[label] !== 'nobody'
      })
    }
  }

  /** The one of Kubernetes, which reads the Jitsi's scale. */
  async function metricsAutoscaler(jitsi: KubeObject): Promise<void> {
    const { namespace = '' } = jitsi.metadata
    const autoscaling = { metric: { source: 'cpu' } }
    await client.patch(referenceTo(jitsi), { spec: { jvb: { autoscaling } } })
    const autoscaler = await until('an autoscaler', async () =>
      (await childrenIn(lab.plane, namespace)).find(it => it.kind === 'HorizontalPodAutoscaler'),
    )
    await putsRight([autoscaler])
  }

  /** Nothing but what every Jitsi needs is left, and the bridges are on nodes of a kind. */
  async function everythingOff(jitsi: KubeObject): Promise<void> {
    const jvb = { strategy: { type: 'daemonset' }, nodeSelector: { 'example.org/pool': 'media' } }
    const networkPolicy = { enabled: false }
    const spec = { domain: 'meet.example.org', networkPolicy, jvb, web: { replicas: 1 } }
    // Metacontroller may write the status in between.
    await until('another spec', async () =>
      client.update({ ...(await client.get(referenceTo(jitsi))), spec }),
    )
    const gone = ['Ingress', 'HTTPRoute', 'PodMonitor', 'NetworkPolicy', 'HorizontalPodAutoscaler']
    await until(
      'what is not asked for gone',
      async () => {
        const left = await childrenIn(lab.plane, jitsi.metadata.namespace ?? '')
        return !left.some(({ kind }) => gone.includes(kind))
      },
      { timeoutMs: 120_000, everyMs: 500 },
    )
    await until('Ready', async () => (await jitsiCondition(lab.plane, jitsi, 'Ready')) === 'True', {
      timeoutMs: 120_000,
      everyMs: 500,
    })
  }
})

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name
}
