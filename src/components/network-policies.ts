import type { NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.js'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { companionPorts } from './companion.ts'
import type { Context } from './context.ts'
import { coturnPodPorts } from './coturn.ts'
import { jibriPort } from './jibri/scripts.ts'
import { jicofoRestPort } from './jicofo.ts'
import { transcribesByJigasi } from './jigasi-settings.ts'
import { privatePort } from './jvb/private-port.ts'
import { containerUdpPort } from './jvb/template.ts'
import { prosodyPorts } from './prosody.ts'
import { runsTranscriberProxy, transcriberProxyPort } from './transcriber-proxy.ts'
import { webPort } from './web.ts'

/*
 * Who may reach what. The private ports of bridges and jicofo obey whoever reaches them, so a
 * policy is part of their safety. Outgoing traffic is left open: media goes to any address, and
 * what else a component calls is the user's to say. The kubelet's probes always pass.
 */

/** One kind of traffic to a component. */
interface Flow {
  ports: NetworkPolicyPort[]
  /** Nobody: the flow is absent. `anywhere`: no restriction. */
  from: NetworkPolicyPeer[] | 'anywhere'
}

/** A NetworkPolicy for every component that runs; absent when switched off. */
export function networkPolicies(context: Context): KubeObject[] {
  if (!context.spec.networkPolicy.enabled) return []
  return Object.entries(flowsTo(context)).map(([component, flows]) =>
    policy(context, component, flows),
  )
}

function policy(
  { instance, namespace }: Context,
  component: string,
  flows: readonly Flow[],
): KubeObject {
  const ingress = flows
    .filter(({ from }) => from.length > 0)
    .map(({ from, ports }) => (from === 'anywhere' ? { ports } : { from, ports }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: childName(instance, component),
      namespace,
      labels: objectLabels(instance, component),
    },
    spec: {
      podSelector: { matchLabels: selectorLabels(instance, component) },
      policyTypes: ['Ingress'],
      ...(ingress.length > 0 ? { ingress } : {}),
    },
  }
}

/** Every wanted flow, by the component that it goes to. */
function flowsTo(context: Context): Record<string, Flow[]> {
  const parts = (...components: string[]) =>
    components.map(component => ({
      podSelector: { matchLabels: selectorLabels(context.instance, component) },
    }))
  const { jibri, jigasi, visitors } = context.spec
  const clients = [
    ...(jibri.enabled ? ['jibri'] : []),
    ...(jigasi.enabled ? ['jigasi'] : []),
    ...(transcribesByJigasi(context.spec) ? ['transcriber'] : []),
  ]
  const figures = [...operator(context), ...prometheus(context)]
  return {
    jvb: [
      // Clients, TURN servers and other bridges (relays) all use the one media port.
      { ports: [mediaPort(context)], from: 'anywhere' },
      { ports: [tcp(privatePort)], from: figures },
    ],
    jicofo: [{ ports: [tcp(jicofoRestPort)], from: figures }],
    prosody: [
      {
        ports: [tcp(prosodyPorts.xmpp)],
        from: withBridges(context, parts('jicofo', 'jvb', ...clients)),
      },
      {
        ports: [tcp(prosodyPorts.http)],
        from: prosodyWebClients(context, parts('web')),
      },
      ...(visitors.enabled ? [{ ports: [tcp(prosodyPorts.s2s)], from: parts('visitors') }] : []),
    ],
    ...(visitors.enabled ? { visitors: visitorFlows(context, parts) } : {}),
    web: [{ ports: [tcp(webPort)], from: webClients(context) }],
    ...optionalFlows(context, {
      figures,
      web: parts('web'),
      bridges: withBridges(context, parts('jvb')),
    }),
  }
}

/** Flows to what may be switched on. */
function optionalFlows(
  context: Context,
  from: { figures: NetworkPolicyPeer[]; web: NetworkPolicyPeer[]; bridges: Flow['from'] },
): Record<string, Flow[]> {
  const { spec } = context
  const { figures, web, bridges } = from
  const { jibri, jigasi, coturn, etherpad, whiteboard } = spec
  const { turn, turns } = coturn.exposure.type === 'HostNetwork' ? coturn.ports : coturnPodPorts
  const audio = { port: jigasi.ports.min, endPort: jigasi.ports.max, protocol: 'UDP' }
  const relay = { port: coturn.ports.relayMin, endPort: coturn.ports.relayMax, protocol: 'UDP' }
  const flows: Record<string, Flow[] | false> = {
    jibri: jibri.enabled && [{ ports: [tcp(jibriPort)], from: figures }],
    jigasi: jigasi.enabled && [{ ports: [audio], from: 'anywhere' }],
    transcriber: runsTranscriberProxy(context)
      ? [{ ports: [tcp(transcriberProxyPort)], from: bridges }]
      : // Jigasi only calls others.
        transcribesByJigasi(spec) && [],
    coturn: coturn.enabled && [
      { ports: [tcp(turn), ...(coturn.tls ? [tcp(turns)] : [])], from: 'anywhere' },
      // Bridges answer to the relay from the address that they advertise.
      { ports: [relay], from: 'anywhere' },
    ],
    etherpad: etherpad.enabled && [{ ports: [tcp(companionPorts.etherpad)], from: web }],
    whiteboard: whiteboard.enabled && [{ ports: [tcp(companionPorts.whiteboard)], from: web }],
  }
  return Object.fromEntries(
    Object.entries(flows).filter((entry): entry is [string, Flow[]] => entry[1] !== false),
  )
}

/** Browsers come to these servers through web alone: no Ingress tells them apart. */
const visitorFlows = (
  context: Context,
  parts: (...components: string[]) => NetworkPolicyPeer[],
): Flow[] => [
  { ports: [tcp(prosodyPorts.xmpp)], from: parts('jicofo') },
  { ports: [tcp(prosodyPorts.s2s)], from: parts('prosody') },
  { ports: [tcp(prosodyPorts.http)], from: [...parts('web'), ...prometheus(context)] },
]

const tcp = (port: number): NetworkPolicyPort => ({ port, protocol: 'TCP' })

/**
 * Policies do not reach Pods in the network of their node; the range is then for people to read.
 */
function mediaPort({ spec }: Context): NetworkPolicyPort {
  const { exposure, ports } = spec.jvb
  if (exposure.type !== 'HostNetwork') return { port: containerUdpPort, protocol: 'UDP' }
  return {
    port: ports.udp,
    ...(ports.count > 1 ? { endPort: ports.udp + ports.count - 1 } : {}),
    protocol: 'UDP',
  }
}

/** Bridges in the network of their node come from the node's address, which no selector names. */
function withBridges({ spec }: Context, parts: NetworkPolicyPeer[]): Flow['from'] {
  if (spec.jvb.exposure.type !== 'HostNetwork') return parts
  const cidrs = spec.networkPolicy.nodeCIDRs ?? []
  return cidrs.length === 0 ? 'anywhere' : [...parts, ...cidrs.map(cidr => ({ ipBlock: { cidr } }))]
}

const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

/** The observer: it reads figures, and tells bridges to drain. */
function operator({ spec, operatorNamespace }: Context): NetworkPolicyPeer[] {
  return [
    {
      ...inNamespace(spec.networkPolicy.operatorNamespace ?? operatorNamespace),
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'jitsi-operator' } },
    },
  ]
}

function prometheus({ spec }: Context): NetworkPolicyPeer[] {
  return spec.metrics ? [inNamespace(spec.networkPolicy.prometheusNamespace)] : []
}

function ingress({ spec }: Context): NetworkPolicyPeer[] {
  const { ingressNamespace } = spec.networkPolicy
  return ingressNamespace ? [inNamespace(ingressNamespace)] : []
}

/** Web, whoever reads figures, and where the way is direct whoever forwards for browsers. */
function prosodyWebClients(context: Context, web: NetworkPolicyPeer[]): Flow['from'] {
  if (context.spec.web.signalling === 'direct' && webClients(context) === 'anywhere') {
    return 'anywhere'
  }
  return [...web, ...ingress(context), ...prometheus(context)]
}

/** Where nobody says who forwards to web, it stays as public as a web page is. */
function webClients(context: Context): Flow['from'] {
  const peers = ingress(context)
  return peers.length > 0 ? peers : 'anywhere'
}
