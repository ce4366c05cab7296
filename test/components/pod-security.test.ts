import type { Container, PodSpec } from 'kubernetes-types/core/v1.js'
import t from 'tap'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { settle } from '../support/cluster.ts'
import { goldenCases, goldenNodes } from '../support/golden-cases.ts'
import { find, rendered } from './rendered.ts'

/*
 * Pod Security `restricted`, rule by rule (Kubernetes 1.36), for every Pod of every golden answer.
 * Host ports are what the exposures HostPort and HostNetwork are; nothing else may need more.
 */

const volumeKinds = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

const podRules: [rule: string, obeys: (pod: PodSpec) => boolean][] = [
  ['no host namespaces', pod => !(pod.hostPID || pod.hostIPC || pod.hostNetwork)],
  [
    'volumes of harmless kinds only',
    ({ volumes = [] }) =>
      volumes.every(({ name: _, ...source }) =>
        Object.keys(source).every(kind => volumeKinds.includes(kind)),
      ),
  ],
  ['runs as non-root', pod => pod.securityContext?.runAsNonRoot === true],
  ['not as user 0', pod => pod.securityContext?.runAsUser !== 0],
  [
    'a seccomp profile',
    pod =>
      ['RuntimeDefault', 'Localhost'].includes(pod.securityContext?.seccompProfile?.type ?? ''),
  ],
  [
    'no sysctls but the safe one for low ports',
    pod =>
      (pod.securityContext?.sysctls ?? []).every(
        ({ name }) => name === 'net.ipv4.ip_unprivileged_port_start',
      ),
  ],
]

const containerRules: [rule: string, obeys: (container: Container) => boolean][] = [
  ['no privileges', ({ securityContext }) => securityContext?.privileged !== true],
  [
    'none to be gained',
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false,
  ],
  ['every capability dropped', ({ securityContext }) => dropsAll(securityContext)],
  [
    'none added but the one that `restricted` allows',
    ({ securityContext }) =>
      (securityContext?.capabilities?.add ?? []).every(name => name === 'NET_BIND_SERVICE'),
  ],
  ['not as user 0', ({ securityContext }) => securityContext?.runAsUser !== 0],
  ['non-root', ({ securityContext }) => securityContext?.runAsNonRoot !== false],
  ['the usual /proc', ({ securityContext }) => !securityContext?.procMount],
]

/** Not asked for by `restricted`, but by us. */
const ownContainerRules: [rule: string, obeys: (container: Container) => boolean][] = [
  [
    'a root file system that nobody writes to',
    // Etherpad writes keys into its own folder at start.
    ({ name, securityContext }) =>
      securityContext?.readOnlyRootFilesystem === true || name === 'etherpad',
  ],
  ['a memory limit', ({ resources }) => resources?.limits?.memory !== undefined],
  ['requests', ({ resources }) => Boolean(resources?.requests?.cpu && resources.requests.memory)],
]

function dropsAll(securityContext: Container['securityContext']): boolean {
  return securityContext?.capabilities?.drop?.includes('ALL') === true
}

const podSpecs = (children: readonly KubeObject[]) =>
  children.flatMap(child => {
    const { kind, metadata } = child
    const spec =
      kind === 'Pod'
        ? (child as Pod).spec
        : kind === 'Deployment'
          ? (child as Deployment).spec?.template.spec
          : undefined
    return spec ? [{ name: `${kind} ${metadata.name}`, spec }] : []
  })

const failing = <T>(rules: [string, (value: T) => boolean][], value: T) =>
  rules.filter(([, obeys]) => !obeys(value)).map(([rule]) => rule)

for (const { name: golden, first } of goldenCases()) {
  t.test(golden, async t => {
    for (const { name, spec } of podSpecs(settle(first, { nodes: goldenNodes }).answer.children)) {
      t.strictSame(failing(podRules, spec), [], name)
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        const rules = [...containerRules, ...ownContainerRules]
        t.strictSame(failing(rules, container), [], `${name}: ${container.name}`)
      }
      t.equal(spec.automountServiceAccountToken, false, `${name} has no token`)
      const hostPorts = spec.containers.flatMap(({ ports = [] }) =>
        ports.flatMap(({ hostPort }) => hostPort ?? []),
      )
      const media = /Pod .*-jvb-\d+$/.test(name) ? 1 : 0
      t.ok(hostPorts.length <= media, `${name} has no host port but that of media`)
    }
    t.pass('every Pod was looked at')
  })
}

t.test('bridges are Guaranteed: the last that a node in need evicts', async t => {
  const { spec } = find<Pod>(rendered(), 'Pod', 'meet-jvb-0')
  for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    t.ok(resources?.limits?.cpu, name)
    t.strictSame(resources?.requests, resources?.limits, name)
  }
})
