import type { Container, Node, PodSpec, PodStatus } from 'kubernetes-types/core/v1.js'
import type { BridgeFacts } from '../../src/api/facts.ts'
import { annotation } from '../../src/kube/annotations.ts'
import { nodeFacts } from '../../src/kube/node.ts'
import { isRecord } from '../../src/kube/record.ts'
import type { KubeObject, Pod } from '../../src/kube/types.ts'

/*
 * What API server, kubelet and observer add to the objects that we ask for. Most of the bytes of a
 * request are theirs.
 */

const born = '2026-01-15T08:00:00Z'

/** A Pod that runs on a node, with facts, as everybody but field management sees it. */
export function runningPod(pod: Pod, home: KubeObject, index: number): KubeObject {
  const node = nodeFacts(home.metadata.name, home as unknown as Node)
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      creationTimestamp: born,
      annotations: {
        ...pod.metadata.annotations,
        [annotation.node]: JSON.stringify(node),
        [annotation.facts]: JSON.stringify(servingFacts(index)),
      },
    },
    spec: defaulted(pod.spec, node.name),
    status: podStatus(pod.spec, index),
  }
}

/** The fields that the API server fills in, as far as we leave them out. */
function defaulted(spec: PodSpec, nodeName: string): PodSpec {
  const tolerations = ['not-ready', 'unreachable'].map(state => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  return {
    dnsPolicy: 'ClusterFirst',
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    schedulerName: 'default-scheduler',
    serviceAccount: 'default',
    serviceAccountName: 'default',
    tolerations,
    ...spec,
    nodeName,
    containers: spec.containers.map(defaultedContainer),
    initContainers: (spec.initContainers ?? []).map(defaultedContainer),
  }
}

const defaultedContainer = (container: Container): Container => ({
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  ...container,
})

function servingFacts(index: number): BridgeFacts {
  return {
    reachable: true,
    since: '2026-01-15T08:01:10Z',
    at: '2026-01-15T09:32:20Z',
    startupTime: 1_768_464_060_000 + index,
    healthy: true,
    draining: false,
    shuttingDown: false,
    mucsJoined: 1,
    stress: (index % 12) * 0.05,
    participants: (index % 12) * 8,
    conferences: index % 12,
    emptySince: null,
    empty: false,
    endpointsTotal: 128 + (index % 12) * 8,
    iceFailedTotal: 0,
    relayIceFailedTotal: 0,
    version: '2.3.209-gb5fbe618',
  }
}

function podStatus({ containers, initContainers = [] }: PodSpec, index: number): PodStatus {
  const statusOf = (state: object) => (container: Container, at: number) => ({
    allocatedResources: container.resources?.requests ?? {},
    containerID: `containerd://${hex(index * 2 + at)}`,
    image: `docker.io/${container.image}`,
    imageID: `docker.io/jitsi/jvb@sha256:${hex(7)}`,
    lastState: {},
    name: container.name,
    ready: true,
    restartCount: 0,
    started: true,
    state,
  })
  const types = [
    'PodReadyToStartContainers',
    'Initialized',
    'Ready',
    'ContainersReady',
    'PodScheduled',
  ]
  const address = `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
  return {
    conditions: types.map(type => ({ type, status: 'True', lastTransitionTime: born })),
    containerStatuses: containers.map(statusOf({ running: { startedAt: born } })),
    initContainerStatuses: initContainers.map(
      statusOf({
        terminated: { exitCode: 0, reason: 'Completed', startedAt: born, finishedAt: born },
      }),
    ),
    hostIP: '10.0.0.7',
    phase: 'Running',
    podIP: address,
    podIPs: [{ ip: address }],
    qosClass: 'Burstable',
    startTime: born,
  } as PodStatus
}

const hex = (number: number) => number.toString(16).padStart(64, '0123456789abcdef')

/** A Deployment whose Pods are there and up to date. */
export function runningDeployment(child: KubeObject): KubeObject {
  const { replicas = 1 } = child.spec as { replicas?: number }
  const counts = {
    replicas,
    availableReplicas: replicas,
    readyReplicas: replicas,
    updatedReplicas: replicas,
  }
  const conditions = ['Available', 'Progressing'].map(type => ({
    type,
    status: 'True',
    lastTransitionTime: born,
  }))
  return {
    ...child,
    status: { observedGeneration: child.metadata.generation, ...counts, conditions },
  }
}

/** A Linux node of a cloud, with the images that it holds: about 7 KB. */
export function node(index: number): KubeObject {
  const name = `ip-10-0-${index >> 8}-${index & 255}.eu-west-3.compute.internal`
  const address = `203.0.${index >> 8}.${index & 255}`
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map(type => ({
    type,
    status: type === 'Ready' ? 'True' : 'False',
    reason: `Kubelet${type}`,
    message: 'kubelet is posting its status',
    lastHeartbeatTime: born,
    lastTransitionTime: born,
  }))
  const images = Array.from({ length: 24 }, (_, at) => ({
    names: [
      `registry.example.org/platform/component-${at}@sha256:${hex(at)}`,
      `registry.example.org/platform/component-${at}:v1.${at}.0`,
    ],
    sizeBytes: 100_000_000 + at,
  }))
  const amounts = { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'node.kubernetes.io/instance-type': 'c6a.2xlarge',
        'topology.kubernetes.io/region': 'eu-west-3',
        'topology.kubernetes.io/zone': `eu-west-3${'abc'[index % 3]}`,
      },
    },
    spec: {
      podCIDR: `10.1.${index & 255}.0/24`,
      providerID: `aws:///eu-west-3a/i-${hex(index).slice(47)}`,
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: `10.0.${index >> 8}.${index & 255}` },
        { type: 'ExternalIP', address },
        { type: 'Hostname', address: name },
      ],
      allocatable: amounts,
      capacity: amounts,
      conditions,
      images,
    },
  }
}

/** The object with what the API server notes about it: who it is, and who wrote which field. */
export function tracked(object: KubeObject, owner?: KubeObject): KubeObject {
  const { kind, metadata, status, ...rest } = object
  const { name, namespace, annotations, labels } = metadata
  const written = { ...rest, metadata: { annotations, labels } }
  const ownerReferences = owner && [
    {
      apiVersion: owner.apiVersion,
      blockOwnerDeletion: true,
      controller: true,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
    },
  ]
  const manager = owner ? 'metacontroller' : 'cloud-controller-manager'
  return {
    ...object,
    metadata: {
      uid: `0b9f1a6e-${hex([...`${namespace}/${kind}/${name}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e9, 7)).slice(-27)}`,
      resourceVersion: '48213377',
      creationTimestamp: born,
      ...metadata,
      ...(ownerReferences ? { ownerReferences } : {}),
      managedFields: [
        entry(manager, fieldsOf(written)),
        ...(status ? [{ ...entry('kubelet', fieldsOf({ status })), subresource: 'status' }] : []),
      ],
    },
  } as KubeObject
}

const entry = (manager: string, fieldsV1: object) => ({
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  manager,
  operation: 'Update',
  time: born,
})

/** Field management's form of an object: a key for each field, list items by what tells them apart. */
function fieldsOf(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) {
    const named = value.every(item => isRecord(item) && 'name' in item)
    if (!named) return {}
    return Object.fromEntries(
      value.map(item => [
        `k:${JSON.stringify({ name: item.name })}`,
        { '.': {}, ...fieldsOf(item) },
      ]),
    )
  }
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [`f:${key}`, fieldsOf(member)]),
  )
}
