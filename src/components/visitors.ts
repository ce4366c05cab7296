import { label } from '../kube/annotations.ts'
import { eviction } from '../kube/eviction.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import type { KubeObject } from '../kube/types.ts'
import { budget } from './budget.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { environment, prosodyHost } from './environment.ts'
import { leaveDeadNodeSoon, podTemplate, spreadOverNodes } from './pod.ts'
import {
  containerPorts,
  prosodyFigures,
  prosodyPorts,
  prosodyProbes,
  servicePorts,
} from './prosody.ts'
import { visitorFiles } from './prosody-files.ts'
import { scrapeAnnotations } from './scrape.ts'
import { visitorServers, visitorsName, wholeName } from './visitor-settings.ts'

/*
 * XMPP servers for visitors: prosodies of another configuration. Each has a number and a Service of
 * its own, since jicofo, prosody and browsers each look for a certain one.
 */

const ports = Object.entries(prosodyPorts)

/** The servers for visitors, when asked for. */
export function visitors(context: Context): KubeObject[] {
  const servers = visitorServers(context)
  if (servers.length === 0) return []
  return [
    ...servers.flatMap(index => [deployment(context, index), service(context, index)]),
    budget(context, 'visitors', servers.length),
  ]
}

const selector = ({ instance }: Context, index: number) => ({
  ...selectorLabels(instance, 'visitors'),
  [label.visitors]: String(index),
})

const metadata = (context: Context, index: number) => ({
  name: visitorsName(context, index),
  namespace: context.namespace,
  labels: { ...objectLabels(context.instance, 'visitors'), [label.visitors]: String(index) },
})

function service(context: Context, index: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata(context, index), ...scrapeAnnotations(context, prosodyPorts.http) },
    spec: {
      selector: selector(context, index),
      ports: servicePorts(ports),
    },
  }
}

function deployment(context: Context, index: number): KubeObject {
  const files = visitorFiles(context)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(context, index),
    spec: {
      replicas: 1,
      selector: { matchLabels: selector(context, index) },
      // Two servers of one number would each know half of its visitors.
      strategy: { type: 'Recreate' },
      template: podTemplate(context, {
        component: 'visitors',
        imageName: 'prosody',
        labels: { [label.visitors]: String(index) },
        annotations: { ...eviction(true), ...contentHash(context, files.references) },
        container: {
          env: environment(context, 'visitors', {
            PROSODY_MODE: 'visitors',
            PROSODY_VISITOR_INDEX: String(index),
            XMPP_SERVER: wholeName(context, prosodyHost(context)),
            ...prosodyFigures(context),
          }),
          ports: containerPorts(ports),
          ...prosodyProbes,
          volumeMounts: [{ name: 'data', mountPath: '/var/lib/prosody' }, ...files.mounts],
        },
        resources: {
          requests: { cpu: '250m', memory: '256Mi' },
          limits: { memory: '1Gi' },
        },
        volumes: [{ name: 'data', emptyDir: {} }, ...files.volumes],
        affinity: spreadOverNodes(context, 'visitors'),
        tolerations: leaveDeadNodeSoon,
        terminationGracePeriodSeconds: 30,
      }),
    },
  }
}

/**
 * The way of a visitor's browser to its server, for the nginx of web: jitsi-meet names the server
 * in `vnode`, and the image knows of one prosody only. The name is resolved at every request, and
 * digits alone get into it.
 */
export function visitorRoutes(context: Context): string {
  const host = wholeName(context, visitorsName(context, '$visitors_server'))
  return `# The condition lets nobody but a visitor through, and the paths are not reached from outside.
if ($arg_vnode ~ "^v[0-9]+$") {
  rewrite "^/(?:(?<visitors_tenant>[^/]+)/)?(?<visitors_door>http-bind|xmpp-websocket)$" /visitors/$arg_vnode;
}
location ~ "^/visitors/v(?<visitors_server>[0-9]+)$" {
  internal;
  tcp_nodelay on;
  proxy_http_version 1.1;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host v$visitors_server.meet.jitsi;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_pass http://${host}:${prosodyPorts.http}/$visitors_door?prefix=$visitors_tenant&$args;
}
`
}
