import type { PodOverrides } from '../../src/api/pod-overrides.ts'
import { mergeKeys } from '../../src/kube/strategic-merge.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { rendered } from '../components/rendered.ts'
import type { KubeClient } from './kube-client.ts'

/*
 * What a person says of a component's Pods, merged once by us and once by the API server: a
 * PodTemplate takes any Pod template, and a strategic merge patch at any time.
 */

type Fields = Record<string, unknown>

/** The least with which each component with Pods of its own is there. */
const switchedOn: Record<string, object> = {
  prosody: {},
  jicofo: {},
  web: {},
  jvb: {},
  jibri: { enabled: true },
  jigasi: {
    enabled: true,
    sip: { uri: 'a@sip.example.org', server: 'sip.example.org', password: { name: 'a', key: 'b' } },
  },
  transcriber: { enabled: true, service: 'whisper', url: 'ws://whisper.example.org/ws' },
  coturn: { enabled: true, host: 'turn.example.org', tls: { name: 'turn-tls' } },
  visitors: { enabled: true },
  etherpad: { enabled: true },
  whiteboard: { enabled: true },
}

export const componentsWithPods = Object.keys(switchedOn)

/** The Pod template of a component, as a PodTemplate. */
export function ourTemplate(component: string, overrides: object): KubeObject {
  const objects = rendered({ [component]: { ...switchedOn[component], ...overrides } })
  const found = objects.find(
    ({ kind, metadata }) =>
      ['Deployment', 'Pod'].includes(kind) &&
      metadata.labels?.['app.kubernetes.io/component'] === component,
  )
  if (!found) throw new Error(`no Pods of ${component}`)
  const { labels } = found.metadata
  const spec =
    found.kind === 'Pod' ? (found as Pod).spec : (found as Deployment).spec?.template.spec
  return {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: { name: component, namespace: 'api' },
    template: { metadata: { labels }, spec },
  } as KubeObject
}

const podOf = (object: KubeObject) =>
  (object as unknown as { template: { spec: Fields } }).template.spec

/** The Pod's spec as the API server gives it back. */
export async function stored(client: KubeClient, object: KubeObject): Promise<Fields> {
  return podOf(await fresh(client, object))
}

async function fresh(client: KubeClient, object: KubeObject) {
  const { apiVersion, kind, metadata } = object
  const reference = { apiVersion, kind, name: metadata.name, namespace: 'api' }
  if (await client.find(reference)) await client.remove(reference)
  return client.create(object)
}

/**
 * The Pod's spec after the API server has merged a patch. The patch says in which order lists are
 * to be, as `kubectl apply` does: without that the server puts new members first.
 */
export async function serverMerge(
  client: KubeClient,
  object: KubeObject,
  { patch, like }: { patch: Fields; like: KubeObject },
): Promise<Fields> {
  await fresh(client, object)
  const spec = ordered(patch, podOf(like))
  const reference = { apiVersion: 'v1', kind: 'PodTemplate', name: object.metadata.name }
  return podOf(
    await client.strategicPatch({ ...reference, namespace: 'api' }, { template: { spec } }),
  )
}

function ordered(patch: Fields, like: Fields): Fields {
  const entries = Object.entries(patch).flatMap(([name, value]): [string, unknown][] => {
    const key = mergeKeys[name]
    const wanted = like[name]
    if (!key || !isList(value) || !isList(wanted)) return [[name, value]]
    const inside = value.map(member =>
      ordered(member, wanted.find(other => other[key] === member[key]) ?? {}),
    )
    return [
      [name, inside],
      [`$setElementOrder/${name}`, wanted.map(member => ({ [key]: member[key] }))],
    ]
  })
  return Object.fromEntries(entries)
}

const isList = (value: unknown): value is Fields[] =>
  Array.isArray(value) && value.every(member => typeof member === 'object')

interface OverrideCase {
  name: string
  overrides: PodOverrides
  /** The same in the words of a Pod's spec. */
  patch: (component: string, ours: KubeObject) => Fields
}

/** The same for every container of ours. */
function inEveryContainer(ours: KubeObject, patch: Fields): Record<string, Fields[]> {
  return Object.fromEntries(
    ['initContainers', 'containers'].flatMap(list => {
      const containers = podOf(ours)[list]
      return isList(containers) ? [[list, containers.map(({ name }) => ({ name, ...patch }))]] : []
    }),
  )
}

const sidecar = { name: 'beside', image: 'example.org/beside:1', env: [{ name: 'A', value: 'b' }] }
const volume = { name: 'extra', configMap: { name: 'extra' } }
const mount = { name: 'extra', mountPath: '/extra' }
const affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['av'] }] }],
    },
  },
}
const toleration = { key: 'example.org/av', operator: 'Exists', effect: 'NoSchedule' }
const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }

/** Ways to change Pods, in the fields of a component and in those of a Pod's spec. */
export const overrideCases: OverrideCase[] = [
  {
    name: 'where Pods run',
    overrides: {
      affinity,
      nodeSelector: { pool: 'av' },
      topologySpreadConstraints: [spread],
      priorityClassName: 'important',
      runtimeClassName: 'gvisor',
    },
    patch: () => ({
      affinity,
      nodeSelector: { pool: 'av' },
      topologySpreadConstraints: [spread],
      priorityClassName: 'important',
      runtimeClassName: 'gvisor',
    }),
  },
  {
    name: 'tolerations, beside which ours stay',
    overrides: { tolerations: [toleration] },
    patch: (_, ours) => ({
      tolerations: [...((podOf(ours).tolerations ?? []) as object[]), toleration],
    }),
  },
  {
    name: 'names and images',
    overrides: {
      imagePullSecrets: [{ name: 'mine' }],
      hostAliases: [{ ip: '192.0.2.1', hostnames: ['turn'] }],
      dnsConfig: { nameservers: ['192.0.2.53'] },
      dnsPolicy: 'None',
      serviceAccountName: 'irsa',
    },
    patch: () => ({
      imagePullSecrets: [{ name: 'mine' }],
      hostAliases: [{ ip: '192.0.2.1', hostnames: ['turn'] }],
      dnsConfig: { nameservers: ['192.0.2.53'] },
      dnsPolicy: 'None',
      serviceAccountName: 'irsa',
      serviceAccount: 'irsa',
      automountServiceAccountToken: true,
    }),
  },
  {
    name: 'variables, new and in place of ours',
    overrides: {
      env: [
        { name: 'TZ', value: 'Asia/Tokyo' },
        { name: 'MINE', valueFrom: { secretKeyRef: { name: 'mine', key: 'key' } } },
      ],
      envFrom: [{ configMapRef: { name: 'mine' } }],
    },
    patch: component => ({
      containers: [
        {
          name: component,
          env: [
            { name: 'TZ', value: 'Asia/Tokyo' },
            { name: 'MINE', valueFrom: { secretKeyRef: { name: 'mine', key: 'key' } } },
          ],
          envFrom: [{ configMapRef: { name: 'mine' } }],
        },
      ],
    }),
  },
  {
    name: 'volumes and containers that are new',
    overrides: {
      volumes: [volume],
      volumeMounts: [mount],
      initContainers: [{ name: 'first', image: 'example.org/first:1' }],
      sidecars: [sidecar],
    },
    patch: component => ({
      volumes: [volume],
      initContainers: [{ name: 'first', image: 'example.org/first:1' }],
      containers: [{ name: component, volumeMounts: [mount] }, sidecar],
    }),
  },
  {
    name: 'volumes, mounts and containers of ours',
    overrides: {
      volumes: [
        { name: 'run', emptyDir: { medium: 'Memory' } },
        { name: 'tmp', persistentVolumeClaim: { claimName: 'tmp' } },
      ],
      volumeMounts: [{ name: 'run', mountPath: '/tmp', subPath: 'tmp' }],
    },
    patch: component => ({
      volumes: [
        { name: 'run', emptyDir: { medium: 'Memory' } },
        {
          name: 'tmp',
          persistentVolumeClaim: { claimName: 'tmp' },
          // As `kubectl apply` writes where the kind of a volume changes.
          $retainKeys: ['name', 'persistentVolumeClaim'],
        },
      ],
      containers: [
        { name: component, volumeMounts: [{ name: 'run', mountPath: '/tmp', subPath: 'tmp' }] },
      ],
    }),
  },
  {
    name: 'security contexts, of which the rest stays',
    overrides: {
      podSecurityContext: { fsGroup: 2000 },
      securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } },
    },
    patch: (_, ours) => ({
      securityContext: { fsGroup: 2000 },
      ...inEveryContainer(ours, {
        securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } },
      }),
    }),
  },
  {
    name: 'what is to be left out',
    overrides: {
      podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null } as object,
      securityContext: { $patch: 'replace', runAsNonRoot: true } as object,
      volumes: [{ name: 'tmp', $patch: 'delete' } as unknown as { name: string }],
      volumeMounts: [{ mountPath: '/tmp', $patch: 'delete' } as unknown as typeof mount],
    },
    patch: (component, ours) => {
      const secured = inEveryContainer(ours, {
        securityContext: { $patch: 'replace', runAsNonRoot: true },
      })
      return {
        ...secured,
        securityContext: { runAsUser: null, runAsGroup: null, fsGroup: null },
        volumes: [{ name: 'tmp', $patch: 'delete' }],
        containers: secured.containers?.map(container =>
          container.name === component
            ? { ...container, volumeMounts: [{ mountPath: '/tmp', $patch: 'delete' }] }
            : container,
        ),
      }
    },
  },
]
