import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { plainEnvironment } from './environment.ts'
import { podTemplate } from './pod.ts'

/*
 * Etherpad and the whiteboard: one Pod each, behind web, without any way in of their own. Both keep
 * what people do in memory, so there is one of each.
 */

/** Ports on which the two listen, and their Services. */
export const companionPorts = { etherpad: 9001, whiteboard: 80 } as const

type Companion = keyof typeof companionPorts

/** The shared document, when asked for. */
export function etherpad(context: Context): KubeObject[] {
  return companion(context, 'etherpad', {
    settings: {
      TITLE: 'Etherpad',
      SUPPRESS_ERRORS_IN_PAD_TEXT: 'true',
      TRUST_PROXY: 'true',
    },
    // It writes keys into its own folder at start.
    security: { user: 5001, writable: true },
  })
}

/** The whiteboard, when asked for. */
export function whiteboard(context: Context): KubeObject[] {
  return companion(context, 'whiteboard', {
    settings: { NODE_ENV: 'production' },
    security: { user: 1000, lowPorts: true },
  })
}

interface Parts {
  settings: Record<string, string>
  security: { user: number; writable?: boolean; lowPorts?: boolean }
}

function companion(context: Context, name: Companion, parts: Parts): KubeObject[] {
  return context.spec[name].enabled
    ? [deployment(context, name, parts), service(context, name)]
    : []
}

function service({ instance, namespace }: Context, name: Companion): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: childName(instance, name), namespace, labels: objectLabels(instance, name) },
    spec: {
      selector: selectorLabels(instance, name),
      ports: [{ name: 'http', port: companionPorts[name], protocol: 'TCP', targetPort: 'http' }],
    },
  }
}

function deployment(context: Context, name: Companion, { settings, security }: Parts): KubeObject {
  const { instance, namespace, spec } = context
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: childName(instance, name), namespace, labels: objectLabels(instance, name) },
    spec: {
      replicas: 1,
      selector: { matchLabels: selectorLabels(instance, name) },
      strategy: { type: 'Recreate' },
      template: podTemplate(context, {
        component: name,
        security,
        container: {
          env: plainEnvironment(spec[name], settings),
          ports: [{ name: 'http', containerPort: companionPorts[name], protocol: 'TCP' }],
          readinessProbe: {
            tcpSocket: { port: 'http' },
            periodSeconds: 5,
            timeoutSeconds: 5,
            failureThreshold: 3,
            successThreshold: 1,
          },
        },
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

/** Where web finds them; absent when off. Nginx resolves names whole. */
export function companionAddresses(context: Context): Record<string, string> {
  const { instance, namespace, spec } = context
  const url = (name: Companion) =>
    `http://${childName(instance, name)}.${namespace}.svc.${spec.clusterDomain}:${companionPorts[name]}`
  return {
    ...(spec.etherpad.enabled ? { ETHERPAD_URL_BASE: url('etherpad') } : {}),
    ...(spec.whiteboard.enabled ? { WHITEBOARD_COLLAB_SERVER_URL_BASE: url('whiteboard') } : {}),
  }
}
