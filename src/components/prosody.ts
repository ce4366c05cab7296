import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { budget } from './budget.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { environment } from './environment.ts'
import { doNotDisrupt, leaveDeadNodeSoon, podTemplate } from './pod.ts'
import { turnSettings } from './turn.ts'

/** Where clients and components find prosody: XMPP, and HTTP for BOSH and WebSocket. */
export const prosodyPorts = { xmpp: 5222, http: 5280 } as const

/** Prosody: the XMPP server that every other component connects to. It keeps rooms in memory. */
export function prosody(context: Context): KubeObject[] {
  return [deployment(context), service(context), budget(context, 'prosody', 1)]
}

function service({ instance, namespace }: Context): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'prosody'),
      namespace,
      labels: objectLabels(instance, 'prosody'),
    },
    spec: {
      selector: selectorLabels(instance, 'prosody'),
      ports: [
        { name: 'xmpp', port: prosodyPorts.xmpp, protocol: 'TCP', targetPort: 'xmpp' },
        { name: 'http', port: prosodyPorts.http, protocol: 'TCP', targetPort: 'http' },
      ],
    },
  }
}

function deployment(context: Context): KubeObject {
  const { instance, namespace, spec } = context
  const custom = spec.prosody.customProsodyConfigCM
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
        annotations: {
          ...doNotDisrupt,
          ...contentHash(context, custom ? [{ kind: 'ConfigMap', name: custom.name }] : []),
        },
        container: {
          env: environment(context, 'prosody', prosodySettings(context)),
          ports: [
            { name: 'xmpp', containerPort: prosodyPorts.xmpp, protocol: 'TCP' },
            { name: 'http', containerPort: prosodyPorts.http, protocol: 'TCP' },
          ],
          ...probes,
          volumeMounts: [
            { name: 'data', mountPath: '/var/lib/prosody' },
            ...(custom
              ? [
                  {
                    name: 'config',
                    // The image renders its own template over /config/conf.d/jitsi-meet.cfg.lua.
                    mountPath: '/defaults/conf.d/jitsi-meet.cfg.lua',
                    subPath: 'jitsi-meet.cfg.lua',
                    readOnly: true,
                  },
                ]
              : []),
          ],
        },
        resources: {
          requests: { cpu: '250m', memory: '256Mi' },
          limits: { memory: '1Gi' },
        },
        volumes: [
          // Accounts of components are made anew at every start, rooms live in memory.
          { name: 'data', emptyDir: {} },
          ...(custom
            ? [{ name: 'config', configMap: { name: custom.name, defaultMode: 420 } }]
            : []),
        ],
        tolerations: leaveDeadNodeSoon,
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

/**
 * Ready once the accounts are there: the image answers /health before it registers them, and a
 * component that logs in too early is refused. /health answers localhost only. Liveness asks for
 * no more than an open port: a busy prosody is slow, and a restart would end every meeting.
 */
const probes = {
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

function prosodySettings(context: Context) {
  return {
    PROSODY_MODE: 'client',
    ...turnSettings(context),
    ...(context.spec.metrics
      ? { PROSODY_ENABLE_METRICS: '1', PROSODY_METRICS_ALLOWED_CIDR: '0.0.0.0/0' }
      : {}),
  }
}
