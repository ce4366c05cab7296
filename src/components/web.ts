import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import { secondsOf } from '../api/schema.ts'
import { annotation } from '../kube/annotations.ts'
import { digest } from '../kube/hash.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { budget } from './budget.ts'
import { companionAddresses } from './companion.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { environment, prosodyHost, type Settings } from './environment.ts'
import { podTemplate, spreadOverNodes } from './pod.ts'
import { prosodyPorts } from './prosody.ts'
import { ownFiles, pageFiles } from './web-files.ts'

/** The port of nginx in the container; the images run without the right to port 80. */
export const webPort = 8000

/** The web interface: static files, and the way of every browser to prosody. */
export function web(context: Context): KubeObject[] {
  const { replicas } = context.spec.web
  return [
    configMap(context),
    deployment(context),
    service(context),
    budget(context, 'web', Math.max(0, replicas - 1)),
  ]
}

function configMap(context: Context): KubeObject {
  const { instance, namespace } = context
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: childName(instance, 'web'),
      namespace,
      labels: objectLabels(instance, 'web'),
    },
    data: Object.fromEntries(ownFiles(context).map(({ key, text }) => [key, text])),
  }
}

function service({ instance, namespace }: Context): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childName(instance, 'web'),
      namespace,
      labels: objectLabels(instance, 'web'),
    },
    spec: {
      selector: selectorLabels(instance, 'web'),
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
    },
  }
}

function deployment(context: Context): KubeObject {
  const { instance, namespace, spec } = context
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: childName(instance, 'web'),
      namespace,
      labels: objectLabels(instance, 'web'),
    },
    spec: {
      replicas: spec.web.replicas,
      selector: { matchLabels: selectorLabels(instance, 'web') },
      minReadySeconds: 10,
      // Every browser's signalling goes through web: the old Pod stays until the new one serves.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: template(context),
    },
  }
}

function template(context: Context) {
  const { jvb, web } = context.spec
  const graceSeconds = secondsOf(jvb.drain.timeout) + stopSeconds
  const waitSeconds = (web.terminationGracePeriodSeconds ?? graceSeconds) - stopSeconds
  const files = webFiles(context)
  return podTemplate(context, {
    component: 'web',
    annotations: {
      [annotation.content]: digest([
        ...ownFiles(context).map(({ text }) => text),
        contentHash(context, pageFiles(context)),
      ]),
    },
    container: {
      env: environment(context, 'web', webSettings(context)),
      ports: [{ name: 'http', containerPort: webPort, protocol: 'TCP' }],
      readinessProbe: {
        httpGet: { path: '/', port: 'http', scheme: 'HTTP' },
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 3,
        successThreshold: 1,
      },
      livenessProbe: {
        tcpSocket: { port: 'http' },
        initialDelaySeconds: 30,
        periodSeconds: 30,
        timeoutSeconds: 10,
        failureThreshold: 5,
        successThreshold: 1,
      },
      lifecycle: {
        preStop: { exec: { command: ['/bin/bash', '-c', waitForConnections(waitSeconds)] } },
      },
      volumeMounts: files.mounts,
    },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    volumes: files.volumes,
    affinity: spreadOverNodes(context, 'web'),
    terminationGracePeriodSeconds: graceSeconds,
  })
}

/** What nginx itself needs to stop. */
const stopSeconds = 30

/**
 * Waits until the last connection to nginx (port 8000 = 1F40, state 01 = established) has ended:
 * nginx drops every WebSocket when it stops, and thousands of browsers would come back at once.
 */
const waitForConnections = (seconds: number) =>
  `sleep 10; for ((t = 0; t < ${Math.max(0, seconds - 10)}; t += 5)); do grep -qE ':1F40 [0-9A-F]+:[0-9A-F]+ 01 ' /proc/net/tcp /proc/net/tcp6 || exit 0; sleep 5; done`

function webFiles(context: Context): { volumes: Volume[]; mounts: VolumeMount[] } {
  const own = childName(context.instance, 'web')
  const files = pageFiles(context)
  return {
    volumes: [
      { name: 'config', configMap: { name: own, defaultMode: 420 } },
      ...files
        .filter((file, index) => files.findIndex(({ name }) => name === file.name) === index)
        .map(({ name, volume }) => ({ name: volume, configMap: { name, defaultMode: 420 } })),
    ],
    mounts: [
      ...ownFiles(context).map(({ key, path }) => ({
        name: 'config',
        mountPath: path,
        subPath: key,
        readOnly: true,
      })),
      ...files.flatMap(({ volume, key, paths }) =>
        paths.map(mountPath => ({ name: volume, mountPath, subPath: key, readOnly: true })),
      ),
    ],
  }
}

function webSettings(context: Context): Settings {
  const { namespace, spec } = context
  // nginx resolves this name itself, without search domains: it must be whole.
  const host = `${prosodyHost(context)}.${namespace}.svc.${spec.clusterDomain}`
  return {
    XMPP_BOSH_URL_BASE: `http://${host}:${prosodyPorts.http}`,
    DISABLE_HTTPS: '1',
    ENABLE_HTTP_REDIRECT: '0',
    ENABLE_LETSENCRYPT: '0',
    ...companionAddresses(context),
    DEPLOYMENTINFO_REGION: spec.region,
    // The image's 768 connections are 1,500 people for a Pod of four workers.
    NGINX_WORKER_CONNECTIONS: '16384',
    ...(spec.web.customCloseConfigCM ? { ENABLE_CLOSE_PAGE: '1' } : {}),
  }
}
