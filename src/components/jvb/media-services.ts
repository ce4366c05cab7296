import { label } from '../../kube/annotations.ts'
import { hold } from '../../kube/hold.ts'
import { objectLabels, selectorLabels } from '../../kube/labels.ts'
import { childName } from '../../kube/names.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Context } from '../context.ts'
import { scrapeAnnotations } from '../scrape.ts'
import type { Bridge } from './bridge.ts'
import { type PortRange, portsOf } from './ports.ts'
import { privatePort } from './private-port.ts'

/*
 * How media reaches the bridges. A Service of a bridge lives as long as its Pod, terminating
 * included, and never asks whether the Pod is ready: a bridge without XMPP still carries media.
 */

/** Services in front of the bridges: those that are there, and those about to be made. */
export function bridgeServices(
  context: Context,
  bridges: readonly Bridge[],
  made: readonly string[],
): KubeObject[] {
  return [
    privateService(context),
    ...mediaServices(context, bridges),
    // A Pod without a number is none of ours, and its name may be that of a Service above.
    ...bridges.filter(({ index }) => index >= 0).flatMap(({ name }) => serviceOf(context, name)),
    ...(hasOwnServices(context) ? made.map(name => ownService(context, name)) : []),
  ]
}

function hasOwnServices({ spec }: Context): boolean {
  const { type, perBridge } = spec.jvb.exposure
  return type === 'NodePort' || (type === 'LoadBalancer' && perBridge)
}

/** The Service that all bridges share; it stays until the last one made for it is gone. */
function mediaServices(context: Context, bridges: readonly Bridge[]): KubeObject[] {
  const { type, perBridge } = context.spec.jvb.exposure
  if (type === 'LoadBalancer' && !perBridge) return [sharedService(context, bridges)]
  const there = context.observed.services.get(sharedServiceName(context))
  return there && bridges.some(isBehindShared) ? [hold(there)] : []
}

const isBehindShared = ({ pod }: Bridge) =>
  pod.spec.containers.some(({ ports = [] }) =>
    ports.some(({ name }) => name?.startsWith(sharedPortPrefix)),
  )

/** A bridge keeps the Service that it was made with: another type or port would cut its people. */
function serviceOf(context: Context, name: string): KubeObject[] {
  const there = context.observed.services.get(name)
  const wanted = hasOwnServices(context) ? ownService(context, name) : undefined
  if (!there) return wanted ? [wanted] : []
  const { exposure, ports } = context.spec.jvb
  const same = there.spec?.type === exposure.type && there.spec.ports?.[0]?.port === ports.udp
  return [wanted && same ? wanted : hold(there)]
}

/** Headless, for whoever asks all bridges for their figures. */
function privateService(context: Context): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'jvb'),
      namespace,
      labels: objectLabels(instance, 'jvb'),
      ...scrapeAnnotations(context, privatePort),
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selectorLabels(instance, 'jvb'),
      ports: [{ name: 'private', port: privatePort, protocol: 'TCP', targetPort: 'private' }],
    },
  }
}

const servicePolicy = ({ spec }: Context) => {
  const { ipFamilyPolicy, loadBalancerClass, type } = spec.jvb.exposure
  return {
    ...(ipFamilyPolicy ? { ipFamilyPolicy } : {}),
    ...(loadBalancerClass && type === 'LoadBalancer' ? { loadBalancerClass } : {}),
  }
}

/** None at all rather than an empty map, which would be written again at every call. */
function givenAnnotations({ spec }: Context): { annotations?: Record<string, string> } {
  const { annotations = {} } = spec.jvb.exposure
  return Object.keys(annotations).length > 0 ? { annotations } : {}
}

/** The name of the Service that all bridges share. */
export const sharedServiceName = ({ instance }: Context) => childName(instance, 'jvb-media')

/**
 * One address for all bridges. Every port of the range is declared once and for all and reaches the
 * bridge whose container port has its name, so scaling never edits the Service. Policy Local would
 * lose packets: a load balancer's health check is per Service, not per port.
 */
function sharedService(context: Context, bridges: readonly Bridge[]): KubeObject {
  const { instance, namespace, spec } = context
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: sharedServiceName(context),
      namespace,
      labels: objectLabels(instance, 'jvb'),
      ...givenAnnotations(context),
    },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Cluster',
      publishNotReadyAddresses: true,
      ...servicePolicy(context),
      selector: selectorLabels(instance, 'jvb'),
      ports: sharedPorts(spec.jvb.ports, bridges).map(port => ({
        name: sharedPortName(port),
        port,
        protocol: 'UDP',
        targetPort: sharedPortName(port),
      })),
    },
  }
}

/** All ports of the range, and those that bridges still hold from an earlier one. */
function sharedPorts(range: PortRange, bridges: readonly Bridge[]): number[] {
  const held = bridges.filter(isBehindShared).flatMap(({ port }) => port ?? [])
  return [...new Set([...portsOf(range), ...held])].sort((a, b) => a - b)
}

const sharedPortPrefix = 'media-'

/** The container port that one port of the shared Service reaches; it names one bridge for ever. */
export const sharedPortName = (port: number) => `${sharedPortPrefix}${port}`

/** The port that such a name says; undefined for any other name. */
export function sharedPortOf(name = ''): number | undefined {
  return name.startsWith(sharedPortPrefix)
    ? Number(name.slice(sharedPortPrefix.length)) || undefined
    : undefined
}

function ownService(context: Context, podName: string): KubeObject {
  const { instance, namespace, spec } = context
  const { type } = spec.jvb.exposure
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: podName,
      namespace,
      labels: objectLabels(instance, 'jvb'),
      ...givenAnnotations(context),
    },
    spec: {
      type,
      // The address is that of the bridge's own node or load balancer: no second hop.
      externalTrafficPolicy: 'Local',
      publishNotReadyAddresses: true,
      ...servicePolicy(context),
      selector: { ...selectorLabels(instance, 'jvb'), [label.bridge]: podName },
      ports: [{ name: 'media', port: spec.jvb.ports.udp, protocol: 'UDP', targetPort: 'media' }],
    },
  }
}
