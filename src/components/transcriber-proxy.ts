import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Context } from './context.ts'
import { plainEnvironment } from './environment.ts'
import { transcribesByProxy } from './jigasi-settings.ts'
import { openPortProbe } from './open-port-probe.ts'
import { podTemplate } from './pod.ts'

/*
 * Captions by the bridges: jicofo gives one of them the address of opus-transcriber-proxy, the
 * bridge sends what is said there, and people get back the text by way of it.
 */

/** The port of the proxy, and of its Service. */
export const transcriberProxyPort = 8080

/** Upstream has no releases of it, only a tag for each commit. */
const image = 'docker.io/jitsi/opus-transcriber-proxy:e74cae2'

/** Is the proxy one of ours? */
export const runsTranscriberProxy = ({ spec }: Context): boolean =>
  transcribesByProxy(spec) && spec.transcriber.url === undefined

/** The proxy, when asked for and where no other one is named. */
export function transcriberProxy(context: Context): KubeObject[] {
  return runsTranscriberProxy(context) ? [deployment(context), service(context)] : []
}

function service({ instance, namespace }: Context): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'transcriber'),
      namespace,
      labels: objectLabels(instance, 'transcriber'),
    },
    spec: {
      selector: selectorLabels(instance, 'transcriber'),
      ports: [{ name: 'http', port: transcriberProxyPort, protocol: 'TCP', targetPort: 'http' }],
    },
  }
}

function deployment(context: Context): KubeObject {
  const { instance, namespace, spec } = context
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(instance, 'transcriber'),
      namespace,
      labels: objectLabels(instance, 'transcriber'),
    },
    spec: {
      // A bridge that comes back to a meeting finds what it began in the memory of one Pod.
      replicas: 1,
      selector: { matchLabels: selectorLabels(instance, 'transcriber') },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(context, {
        component: 'transcriber',
        security: { user: 1000 },
        container: {
          image: spec.transcriber.image ?? image,
          env: plainEnvironment(spec.transcriber, {
            HOST: '0.0.0.0',
            PORT: String(transcriberProxyPort),
          }),
          ports: [{ name: 'http', containerPort: transcriberProxyPort, protocol: 'TCP' }],
          readinessProbe: openPort(5, 3),
          livenessProbe: openPort(30, 5),
        },
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

const openPort = (periodSeconds: number, failureThreshold: number) =>
  openPortProbe('http', { initialDelaySeconds: 5, periodSeconds, failureThreshold })

/**
 * The lines of jicofo.conf that say where bridges send what is said; none where captions are off.
 */
export function transcriptionConfig(context: Context): string[] {
  if (!transcribesByProxy(context.spec)) return []
  return ['jicofo.transcription {', `  url-template = ${JSON.stringify(addressOf(context))}`, '}']
}

/** Jicofo fills in the meeting; with `sendBack` the text comes back the same way. */
function addressOf({ instance, namespace, spec }: Context): string {
  const host = `${childName(instance, 'transcriber')}.${namespace}.svc.${spec.clusterDomain}`
  const url = spec.transcriber.url ?? `ws://${host}:${transcriberProxyPort}/transcribe`
  if (url.includes('{{MEETING_ID}}')) return url
  return `${url}${url.includes('?') ? '&' : '?'}sessionId={{MEETING_ID}}&sendBack=true`
}
