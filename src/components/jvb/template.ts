import type { EnvVar, PodSpec, Toleration } from 'kubernetes-types/core/v1.js'
import { secondsOf } from '../../api/schema.ts'
import { annotation, label } from '../../kube/annotations.ts'
import { childName } from '../../kube/names.ts'
import { quantityValue } from '../../kube/quantity.ts'
import type { Context } from '../context.ts'
import { environment, prosodyHost, type Settings } from '../environment.ts'
import { heapSetting, podTemplate, spreadOverNodes } from '../pod.ts'
import { farewellSeconds } from './evacuation.ts'
import { sharedPortName } from './media-services.ts'
import { fromAnnotation, placeWait, podInfoItems } from './place.ts'
import { privatePort } from './private-port.ts'
import { isRegionOfNode } from './region.ts'
import { drainBeforeStop, podInfoPath } from './scripts.ts'

/** The port that a bridge listens on in its own network; clients see the advertised one. */
export const containerUdpPort = 10000

/** JVMs scale with whole CPUs, and a throttled bridge answers health checks too late. */
export const bridgeResources = {
  requests: { cpu: '2', memory: '3Gi' },
  limits: { cpu: '2', memory: '3Gi' },
}

/** The name of bridge number `index`; a number is never used again. */
export function bridgeName({ instance }: Context, index: number): string {
  return childName(instance, `jvb-${index}`)
}

/**
 * How long a bridge may take to stop; the time after the drain is for the JVM to leave its rooms.
 */
export const bridgeStopSeconds = ({ spec }: Context) =>
  secondsOf(spec.jvb.drain.timeout) + farewellSeconds

/** What tells one new bridge from another. */
export interface NewBridge {
  index: number
  port: number
  pinnedTo: string | undefined
  portsRefused: readonly number[]
}

/** The Pod template of a bridge, for one port and place. */
export function bridgeTemplate(context: Context, bridge: NewBridge) {
  const { jvb } = context.spec
  const drainSeconds = secondsOf(jvb.drain.timeout)
  const hostNetwork = jvb.exposure.type === 'HostNetwork'
  const template = podTemplate(context, {
    component: 'jvb',
    labels: {
      [label.observe]: 'jvb',
      [label.bridge]: bridgeName(context, bridge.index),
    },
    restartPolicy: 'OnFailure',
    hostNetwork,
    container: {
      env: environment(context, 'jvb', bridgeSettings(context, bridge)) as EnvVar[],
      ports: containerPorts(context, bridge),
      readinessProbe: answersProbe(5, 3),
      livenessProbe: answersProbe(30, 10),
      lifecycle: {
        preStop: {
          exec: { command: ['/bin/bash', '-c', drainBeforeStop(drainSeconds, privatePort)] },
        },
      },
      volumeMounts: [
        { name: 'pod-info', mountPath: podInfoPath, readOnly: true },
        {
          name: 'config',
          mountPath: '/config/custom-jvb.conf',
          subPath: 'custom-jvb.conf',
          readOnly: true,
        },
      ],
    },
    initContainers: placeWait(context),
    resources: bridgeResources,
    volumes: [
      { name: 'pod-info', downwardAPI: { defaultMode: 420, items: podInfoItems(context) } },
      { name: 'config', configMap: { name: childName(context.instance, 'jvb'), defaultMode: 420 } },
    ],
    affinity: spreadOverNodes(context, 'jvb'),
    tolerations: bridge.pinnedTo ? stayOnNode : [],
    terminationGracePeriodSeconds: bridgeStopSeconds(context),
    neverStopsSooner: true,
  })
  return { ...template, spec: pinned(template.spec as PodSpec, bridge.pinnedTo) }
}

/**
 * The REST port answers: no more. A bridge that lost its XMPP server still carries media, and
 * taking it out of its Service, or restarting it, would cut that.
 */
const answersProbe = (periodSeconds: number, failureThreshold: number) => ({
  httpGet: { path: '/about/version', port: 'private', scheme: 'HTTP' },
  initialDelaySeconds: 5,
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold,
  successThreshold: 1,
})

function containerPorts({ spec }: Context, { port }: NewBridge) {
  const { type, perBridge } = spec.jvb.exposure
  const shared = type === 'LoadBalancer' && !perBridge
  const media = {
    // The shared Service's port of this number targets the container port of this name.
    name: shared ? sharedPortName(port) : 'media',
    containerPort: type === 'HostNetwork' ? port : containerUdpPort,
    protocol: 'UDP',
    ...(type === 'HostPort' || type === 'HostNetwork' ? { hostPort: port } : {}),
  }
  const rest = {
    name: 'private',
    containerPort: privatePort,
    protocol: 'TCP',
    ...(type === 'HostNetwork' ? { hostPort: privatePort } : {}),
  }
  return [media, rest]
}

/** A bridge of a node stays through the node's hiccups, as a DaemonSet's Pod would. */
const stayOnNode: Toleration[] = ['not-ready', 'unreachable'].map(state => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
}))

/** Pinned as the DaemonSet controller pins: by the node's name, whatever its labels say. */
function pinned(spec: PodSpec, node: string | undefined): PodSpec {
  if (node === undefined) return spec
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }]
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
      },
    },
  }
}

function bridgeSettings(context: Context, { port }: NewBridge): Settings {
  const { spec } = context
  const { exposure } = spec.jvb
  const podName = { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }
  const memory = (spec.jvb.resources ?? bridgeResources).limits?.memory
  const heap = heapSetting(quantityValue(memory), 1 / 2)
  return {
    XMPP_SERVER: prosodyHost(context),
    JVB_PORT: String(exposure.type === 'HostNetwork' ? port : containerUdpPort),
    JVB_ADVERTISE_IPS: { fieldRef: fromAnnotation(annotation.advertise) },
    // By default the image asks a public server for its address.
    ...(exposure.stunServers?.length
      ? { JVB_STUN_SERVERS: exposure.stunServers.join(',') }
      : { JVB_DISABLE_STUN: '1' }),
    DISABLE_AWS_HARVESTER: 'true',
    // Relays, recorders and gateways in the cluster use the Pod's own address.
    JVB_ADVERTISE_PRIVATE_CANDIDATES: 'true',
    // Two bridges of one name would share one seat in jicofo's room.
    JVB_MUC_NICKNAME: podName,
    JVB_INSTANCE_ID: podName,
    JVB_OCTO_RELAY_ID: podName,
    JVB_OCTO_REGION: isRegionOfNode(context)
      ? { fieldRef: fromAnnotation(annotation.region) }
      : spec.region,
    ...(heap ? { VIDEOBRIDGE_MAX_MEMORY: heap } : {}),
    // A JVM without memory neither serves nor dies; the container starts it again.
    JAVA_TOOL_OPTIONS: '-XX:+ExitOnOutOfMemoryError',
  }
}
