import { factsOf } from '../cluster/bridge-pods.ts'
import { referenceTo } from '../cluster/kube-client.ts'
import { until } from '../cluster/until.ts'
import { type Faults, type LaneSite, WithoutEffect } from './fault.ts'
import { bridges } from './lane.ts'
import { persist, unlessGone } from './persist.ts'

/* What people and other programs do to the objects of one installation. */

/** The Secret of the passwords, or the copy that the components read. */
async function secretDeleted({ world, lane, random }: LaneSite): Promise<void> {
  const secrets = world.view.childrenIn(lane.namespace).filter(({ kind }) => kind === 'Secret')
  const victim = random.pick(secrets)
  if (!victim || !(await lane.remove(referenceTo(victim), victim.metadata.uid))) {
    throw new WithoutEffect('no Secret to delete')
  }
  await until(
    `another Secret ${victim.metadata.name}`,
    async () => {
      const now = await lane.client.find(referenceTo(victim))
      return now && now.metadata.uid !== victim.metadata.uid
    },
    { timeoutMs: 180_000, everyMs: 200 },
  )
}

/** Web refers to it; until it is back, the condition says so and web stays as it is. */
async function configMapMissing({ lane }: LaneSite): Promise<void> {
  if (!(await lane.remove(lane.at('v1', 'ConfigMap', 'look')))) {
    throw new WithoutEffect('no ConfigMap to delete')
  }
  const missing = async () => (await lane.condition('ConfigurationValid')) === 'False'
  await until('a word about the missing ConfigMap', missing, { timeoutMs: 180_000, everyMs: 200 })
  await persist(() => lane.client.apply(lane.look('one')))
}

/** A bridge is deleted, and something holds its Pod back, as a kubelet that does not answer. */
async function podStuckTerminating({ world, lane, random }: LaneSite): Promise<void> {
  const pods = (await persist(() => lane.pods())).filter(
    ({ metadata }) => !metadata.deletionTimestamp && !metadata.finalizers?.length,
  )
  const pod = random.pick(pods)
  if (!pod) throw new WithoutEffect('no bridge to delete')
  const { uid = '' } = pod.metadata
  const reference = lane.at('v1', 'Pod', pod.metadata.name)
  const finalizers = (names: string[]) =>
    unlessGone(() => lane.client.patch(reference, { metadata: { uid, finalizers: names } }))
  // There are more while others take the place of those on a lost node.
  const wanted = Math.min(pods.length, bridges)
  const itself = 'the bridge went by itself'
  if (!(await finalizers(['example.test/stuck']))) throw new WithoutEffect(itself)
  world.judge.excuse(pod, 'fault: deleted')
  if (!(await lane.remove(reference, uid))) throw new WithoutEffect(itself)
  await until(
    'another bridge that serves',
    async () => {
      const others = (await lane.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
      return others.length >= wanted && others.every(other => factsOf(other)?.reachable)
    },
    { timeoutMs: 180_000, everyMs: 300 },
  )
  await finalizers([])
}

/** The bridges do not answer the observer for a while, too short to take them for lost. */
async function observerCutOff({ world, lane }: LaneSite): Promise<void> {
  // A bridge that is new meanwhile has no facts at all; one that is being deleted is not observed.
  const heard = async () =>
    (await lane.pods())
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .flatMap(pod => factsOf(pod) ?? [])
  const patience = { timeoutMs: 110_000, everyMs: 500 }
  const silent = async () => {
    const facts = await heard()
    return facts.length > 0 && facts.every(({ reachable }) => !reachable)
  }
  world.blind.add(lane.namespace)
  await until('that the silence is noticed', silent, patience).finally(() =>
    world.blind.delete(lane.namespace),
  )
  const back = async () => (await heard()).every(({ reachable }) => reachable)
  await until('that they are heard of again', back, patience)
}

export const objectFaults: Faults<LaneSite> = {
  'Secret deleted': secretDeleted,
  'ConfigMap missing': configMapMissing,
  'pod stuck terminating': podStuckTerminating,
  'observer cut off': observerCutOff,
}
