import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import { eviction } from '../kube/eviction.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { accountsContainers, accountsData, accountsVolumes } from './accounts.ts'
import { budget } from './budget.ts'
import { claim, claimMount, claimVolume } from './claims.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { environment, type Settings } from './environment.ts'
import { leaveDeadNodeSoon, podTemplate } from './pod.ts'
import { prosodyFiles } from './prosody-files.ts'
import { scrapeAnnotations } from './scrape.ts'
import { visitorAddresses } from './visitor-settings.ts'

/** Where others find prosody: XMPP, HTTP for BOSH and WebSocket, and servers for visitors. */
export const prosodyPorts = { xmpp: 5222, http: 5280, s2s: 5269 } as const

/** Ports of a prosody by name, as its Service has them. */
export const servicePorts = (ports: readonly NamedPort[]) =>
  ports.map(([name, port]) => ({ name, port, protocol: 'TCP', targetPort: name }))

/** Ports of a prosody by name, as its container has them. */
export const containerPorts = (ports: readonly NamedPort[]) =>
  ports.map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' }))

type NamedPort = [name: string, port: number]

const portsOf = ({ spec }: Context): NamedPort[] =>
  Object.entries(prosodyPorts).filter(([name]) => name !== 's2s' || spec.visitors.enabled)

/** Prosody: the XMPP server that every other component connects to. It keeps rooms in memory. */
export function prosody(context: Context): KubeObject[] {
  return [
    ...claim(context, 'prosody', context.spec.prosody.persistence),
    deployment(context),
    service(context),
    budget(context, 'prosody', 1),
  ]
}

function service(context: Context): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'prosody'),
      namespace,
      labels: objectLabels(instance, 'prosody'),
      ...scrapeAnnotations(context, prosodyPorts.http),
    },
    spec: {
      selector: selectorLabels(instance, 'prosody'),
      ports: servicePorts(portsOf(context)),
    },
  }
}

function deployment(context: Context): KubeObject {
  const { instance, namespace } = context
  const files = prosodyFiles(context)
  const data = dataMounts(context)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(instance, 'prosody'),
      namespace,
      labels: objectLabels(instance, 'prosody'),
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: selectorLabels(instance, 'prosody') },
      // Two prosodies at once would be two sets of rooms.
      strategy: { type: 'Recreate' },
      template: podTemplate(context, {
        component: 'prosody',
        annotations: { ...eviction(true), ...contentHash(context, files.references) },
        container: {
          env: environment(context, 'prosody', prosodySettings(context)),
          ports: containerPorts(portsOf(context)),
          ...prosodyProbes,
          volumeMounts: [...data, ...files.mounts],
        },
        sidecars: accountsContainers(context, data),
        resources: {
          requests: { cpu: '250m', memory: '256Mi' },
          limits: { memory: '1Gi' },
        },
        volumes: [...dataVolumes(context), ...files.volumes, ...accountsVolumes(context)],
        tolerations: leaveDeadNodeSoon,
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

/**
 * Only the accounts of people last. Those of components are made anew at every start, with the
 * passwords of that day: prosody never changes the password of an account that it finds. Rooms live
 * in memory.
 */
function dataMounts(context: Context): VolumeMount[] {
  const { persistence } = context.spec.prosody
  const data = { name: 'data', mountPath: '/var/lib/prosody' }
  if (!persistence.enabled) return [data]
  return [
    data,
    // A folder made for a mount inside another volume is root's; the root of a volume is not.
    { name: 'data-folder', mountPath: '/var/lib/prosody/data' },
    claimMount('people', accountsData(context), persistence),
  ]
}

function dataVolumes(context: Context): Volume[] {
  const { persistence } = context.spec.prosody
  const data = { name: 'data', emptyDir: {} }
  if (!persistence.enabled) return [data]
  return [
    data,
    { name: 'data-folder', emptyDir: {} },
    claimVolume(context, { name: 'people', component: 'prosody', persistence }),
  ]
}

/**
 * Ready once the accounts are there: the image answers /health before it registers them, and a
 * component that logs in too early is refused. /health answers localhost only. Liveness asks for
 * no more than an open port: a busy prosody is slow, and a restart would end every meeting.
 */
export const prosodyProbes = {
  readinessProbe: {
    exec: {
      command: [
        '/bin/bash',
        '-c',
        'curl -fsS -o /dev/null http://127.0.0.1:5280/health && ls /var/lib/prosody/data/*/accounts/"$JVB_AUTH_USER".dat >/dev/null',
      ],
    },
    initialDelaySeconds: 2,
    periodSeconds: 5,
    timeoutSeconds: 5,
    failureThreshold: 3,
    successThreshold: 1,
  },
  livenessProbe: {
    tcpSocket: { port: 'xmpp' },
    initialDelaySeconds: 60,
    periodSeconds: 30,
    timeoutSeconds: 10,
    failureThreshold: 10,
    successThreshold: 1,
  },
}

function prosodySettings(context: Context): Settings {
  return {
    PROSODY_MODE: 'client',
    ...(context.spec.visitors.enabled
      ? {
          VISITORS_XMPP_SERVER: visitorAddresses(context, prosodyPorts.s2s),
          // What a server for visitors allows prosody, by the image; 30 kB/s otherwise.
          PROSODY_S2S_LIMIT: '512kb/s',
        }
      : {}),
    ...prosodyFigures(context),
  }
}

/** Figures for Prometheus; NetworkPolicies say who may ask. */
export const prosodyFigures = ({ spec }: Context): Record<string, string> =>
  spec.metrics ? { PROSODY_ENABLE_METRICS: '1', PROSODY_METRICS_ALLOWED_CIDR: '0.0.0.0/0' } : {}
