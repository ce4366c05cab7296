import { JitsiSpec } from '../../src/api/jitsi.ts'
import type { ObjectMap, SyncRequest } from '../../src/api/metacontroller.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { Random } from '../../src/simulation/fleet/random.ts'
import { objectMap } from '../support/fixtures.ts'
import { objectsIn } from './corpus.ts'
import { textOf } from './hostile.ts'
import { broken, mutated } from './mutation.ts'
import { shaped } from './shape.ts'

/** One request of the fuzz run. Its number and the run's seed make it again. */
export interface FuzzCall {
  number: number
  /** How it was made, for the counts. */
  kind: Kind
  url: '/jitsi/sync' | '/jitsi/customize' | '/observe'
  body: string
}

/** Ways to make a request, each with its share. */
const kinds = {
  intact: 5,
  'schema-shaped': 15,
  'schema-shaped, mutated': 15,
  mutated: 30,
  'mutated many times': 10,
  'foreign children': 15,
  'broken text': 10,
} as const
export type Kind = keyof typeof kinds

const lottery = Object.entries(kinds).flatMap(([kind, share]) =>
  Array.from({ length: share }, () => kind as Kind),
)

/** The call of that number; the same for the same seed and corpus. */
export function callOf(seed: number, number: number, corpus: readonly SyncRequest[]): FuzzCall {
  const random = new Random(seed * 0x9e3779b1 + number)
  const kind = random.pick(lottery) ?? 'intact'
  const base = random.pick(corpus)
  if (!base) throw new Error('the corpus is empty')
  const request = thinned(base, random)
  const { url, body } = addressed(
    kind.startsWith('schema') ? shapedSpec(request, random) : request,
    {
      kind,
      random,
    },
  )
  const text = textOf(changed(body, kind, random))
  return { number, kind, url, body: kind === 'broken text' ? broken(text, random) : text }
}

function changed(body: unknown, kind: Kind, random: Random): unknown {
  const times = { mutated: random.whole(1, 3), 'mutated many times': random.whole(10, 60) }[
    kind as string
  ]
  const after = Array.from({ length: times ?? (kind.endsWith(', mutated') ? 1 : 0) })
  return after.reduce(changing => mutated(changing, random), body)
}

/** Some of the children only, as caches that lag show them, and as many small calls need it. */
function thinned(request: SyncRequest, random: Random): SyncRequest {
  if (random.chance(0.1)) return request
  const children = objectsIn(request.children).filter(({ kind }) =>
    random.chance(kind === 'Pod' || kind === 'Secret' ? 0.8 : 0.15),
  )
  return { ...request, children: objectMap(children), finalizing: random.chance(0.05) }
}

function shapedSpec(request: SyncRequest, random: Random): SyncRequest {
  const spec = shaped(JitsiSpec, random)
  return { ...request, parent: { ...request.parent, spec } }
}

/** Most calls go to the plan; the others are about its parent, or one of its objects. */
function addressed(
  request: SyncRequest,
  { kind, random }: { kind: Kind; random: Random },
): Pick<FuzzCall, 'url'> & { body: unknown } {
  const { controller, parent, related } = request
  if (kind === 'foreign children')
    return { url: '/jitsi/sync', body: withForeigners(request, random) }
  const lot = random.next()
  if (lot < 0.7) return { url: '/jitsi/sync', body: request }
  if (lot < 0.85) return { url: '/jitsi/customize', body: { controller, parent } }
  const objects = [...objectsIn(request.children), ...objectsIn(related)]
  const pods = objects.filter(object => object.kind === 'Pod')
  const object = random.pick(pods.length > 0 && random.chance(0.9) ? pods : objects)
  return {
    url: '/observe',
    body: { object: reachable(object), attachments: {}, related: {}, finalizing: false },
  }
}

/** With an address and an owner, so that the observer looks at it. */
function reachable(object: KubeObject | undefined): unknown {
  if (object?.kind !== 'Pod') return object
  const owner = { apiVersion: 'apps.jit.si/v1alpha1', kind: 'Jitsi', controller: true }
  return {
    ...object,
    metadata: { ...object.metadata, ownerReferences: [owner] },
    status: { phase: 'Running', podIP: '10.64.0.7', ...(object.status as object | undefined) },
  }
}

/** Objects among the children that we never made: other kinds, our names, our labels. */
function withForeigners(request: SyncRequest, random: Random): SyncRequest {
  const ours = objectsIn(request.children)
  const foreigners = Array.from({ length: random.whole(1, 4) }, () => foreigner(ours, random))
  const all: ObjectMap = objectMap([...ours, ...foreigners])
  return { ...request, children: all }
}

function foreigner(ours: readonly KubeObject[], random: Random): KubeObject {
  const model = random.pick(ours)
  const { metadata } = model ?? {
    metadata: { name: 'meet', namespace: 'school', labels: {} },
  }
  const names = [
    metadata.name,
    `${metadata.name}-7`,
    'meet-jvb',
    'meet-jvb-media',
    'x',
    'constructor',
  ]
  const kinds = [
    { apiVersion: 'example.org/v1', kind: 'Widget' },
    { apiVersion: 'apps/v1', kind: 'StatefulSet' },
    { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'v1', kind: 'Pod' },
  ]
  const identity = random.pick(kinds) ?? { apiVersion: 'v1', kind: 'Pod' }
  const component = random.pick(['jvb', 'jibri', 'web', 'mine'])
  return {
    ...(random.chance(0.5) ? model : {}),
    ...identity,
    metadata: {
      ...metadata,
      name: random.pick(names) ?? 'x',
      labels: { ...metadata.labels, 'app.kubernetes.io/component': component ?? 'mine' },
    },
    ...(identity.kind === 'Pod' ? { spec: { containers: [{ name: 'jvb' }] } } : {}),
  }
}
