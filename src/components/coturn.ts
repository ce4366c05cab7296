import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { budget } from './budget.ts'
import type { Context } from './context.ts'
import { plainEnvironment } from './environment.ts'
import { openPortProbe } from './open-port-probe.ts'
import { turnKey } from './passwords.ts'
import { podTemplate, spreadOverNodes } from './pod.ts'

const certificatePath = '/etc/jitsi-operator/tls'

/** Ports in a Pod of its own; without root none below 1024 may be bound there. */
export const coturnPodPorts = { turn: 3478, turns: 5349 } as const

/** The TURN server, when asked for. */
export function coturn(context: Context): KubeObject[] {
  const { enabled, exposure, replicas } = context.spec.coturn
  if (!enabled) return []
  return [
    deployment(context),
    ...(exposure.type === 'HostNetwork' ? [] : [service(context, exposure.type)]),
    budget(context, 'coturn', replicas - 1),
  ]
}

/**
 * TCP only: where UDP gets out, clients reach the bridges themselves. One port for two protocols
 * would also be one that Metacontroller cannot tell apart.
 */
function service(context: Context, type: string): KubeObject {
  const { instance, namespace, spec } = context
  const { ports, tls, exposure } = spec.coturn
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'coturn'),
      namespace,
      labels: objectLabels(instance, 'coturn'),
      ...(exposure.annotations ? { annotations: exposure.annotations } : {}),
    },
    spec: {
      ...(type === 'ClusterIP' ? {} : { type, externalTrafficPolicy: 'Cluster' }),
      ...(type === 'LoadBalancer' && exposure.loadBalancerClass
        ? { loadBalancerClass: exposure.loadBalancerClass }
        : {}),
      selector: selectorLabels(instance, 'coturn'),
      ports: [
        servicePort('turn', ports.turn, type),
        ...(tls ? [servicePort('turns', ports.turns, type)] : []),
      ],
    },
  }
}

/** A number that Kubernetes gives to ports of nodes is asked for as one of these. */
const servicePort = (name: string, port: number, type: string) => ({
  name,
  port,
  protocol: 'TCP',
  targetPort: name,
  ...(type === 'NodePort' && port >= 30_000 && port <= 32_767 ? { nodePort: port } : {}),
})

function deployment(context: Context): KubeObject {
  const { instance, namespace, spec } = context
  const { exposure, replicas, tls } = spec.coturn
  const hostNetwork = exposure.type === 'HostNetwork'
  const ports = portsOf(context)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(instance, 'coturn'),
      namespace,
      labels: objectLabels(instance, 'coturn'),
    },
    spec: {
      replicas,
      selector: { matchLabels: selectorLabels(instance, 'coturn') },
      // On the network of a node the new server needs the ports of the old one.
      strategy: hostNetwork
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(context, {
        component: 'coturn',
        hostNetwork,
        security: { user: 65534, add: ['NET_BIND_SERVICE'] },
        container: {
          command: ['/bin/sh', '-c', serve, 'turnserver', ...options(context)],
          env: plainEnvironment(spec.coturn, {
            [turnKey]: { secretKeyRef: { name: context.passwords, key: turnKey } },
          }),
          ports: ports.map(({ name, port }) => ({
            name,
            containerPort: port,
            protocol: 'TCP',
            ...(hostNetwork ? { hostPort: port } : {}),
          })),
          readinessProbe: openPort(5, 3),
          livenessProbe: openPort(30, 5),
          volumeMounts: [
            { name: 'data', mountPath: '/var/lib/coturn' },
            ...(tls ? [{ name: 'tls', mountPath: certificatePath, readOnly: true }] : []),
          ],
        },
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '512Mi' } },
        volumes: [
          { name: 'data', emptyDir: {} },
          ...(tls ? [{ name: 'tls', secret: { secretName: tls.name, defaultMode: 288 } }] : []),
        ],
        affinity: spreadOverNodes(context, 'coturn'),
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

const openPort = (periodSeconds: number, failureThreshold: number) =>
  openPortProbe('turn', { initialDelaySeconds: 2, periodSeconds, failureThreshold })

/** Where the server listens: what clients are told, where the network is the node's. */
function portsOf({ spec }: Context): { name: 'turn' | 'turns'; port: number }[] {
  const { exposure, ports, tls } = spec.coturn
  const { turn, turns } = exposure.type === 'HostNetwork' ? ports : coturnPodPorts
  return [{ name: 'turn', port: turn }, ...(tls ? [{ name: 'turns' as const, port: turns }] : [])]
}

/**
 * The relay's address is that of its Pod or node, which bridges reach; clients only ever talk to
 * the listening ports. Hence no --external-ip: it is what peers are told to send to, and neither a
 * load balancer nor the firewall of a node passes the ports of relays on. What a relay must not
 * reach: the machine itself, and the metadata of clouds.
 */
function options(context: Context): string[] {
  const { domain, coturn } = context.spec
  const { ports, tls } = coturn
  const listening = new Map(portsOf(context).map(({ name, port }) => [name, port]))
  return [
    '-n',
    '--log-file=stdout',
    '--pidfile=/tmp/turnserver.pid',
    `--realm=${domain}`,
    '--fingerprint',
    '--use-auth-secret',
    `--static-auth-secret=$(${turnKey})`,
    `--listening-port=${listening.get('turn')}`,
    ...(tls
      ? [
          `--tls-listening-port=${listening.get('turns')}`,
          `--cert=${certificatePath}/tls.crt`,
          `--pkey=${certificatePath}/tls.key`,
        ]
      : ['--no-tls', '--no-dtls']),
    `--min-port=${ports.relayMin}`,
    `--max-port=${ports.relayMax}`,
    '--no-cli',
    '--no-tcp-relay',
    '--no-multicast-peers',
    '--denied-peer-ip=0.0.0.0-0.255.255.255',
    '--denied-peer-ip=127.0.0.0-127.255.255.255',
    '--denied-peer-ip=169.254.0.0-169.254.255.255',
    '--denied-peer-ip=fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]
}

/** Runs the server, and tells it to read its certificate again when that was renewed. */
export const serve = `
"$0" "$@" & server=$!
trap 'kill -TERM "$server"' TERM INT
seen=$(cksum ${certificatePath}/tls.crt 2>/dev/null)
while kill -0 "$server" 2>/dev/null; do
  sleep 30 & wait "$!"
  now=$(cksum ${certificatePath}/tls.crt 2>/dev/null)
  [ "$now" = "$seen" ] || { seen=$now; kill -USR2 "$server"; }
done
wait "$server"`.trim()
