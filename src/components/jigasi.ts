import { secondsOf } from '../api/schema.ts'
import { objectLabels, selectorLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { contentHash } from './content.ts'
import type { Context } from './context.ts'
import { environment, prosodyHost, type Settings } from './environment.ts'
import { openPortProbe } from './open-port-probe.ts'
import { podTemplate } from './pod.ts'

/*
 * Jigasi in its two roles: it takes part in meetings for telephones, and for a service that turns
 * speech into text.
 */

/** Jigasi's REST port: health and figures. */
const jigasiPort = 8788

type Role = 'jigasi' | 'transcriber'

/** The telephone gateway, when asked for. */
export function jigasi(context: Context): KubeObject[] {
  const { enabled, sip, ports } = context.spec.jigasi
  if (!enabled || !sip) return []
  return deployment(context, 'jigasi', {
    JIGASI_MODE: 'sip',
    JIGASI_SIP_PASSWORD: { secretKeyRef: sip.password },
    JIGASI_SIP_SERVER: sip.server,
    JIGASI_SIP_PORT: String(sip.port),
    JIGASI_SIP_TRANSPORT: sip.transport,
    JIGASI_PORT_MIN: String(ports.min),
    JIGASI_PORT_MAX: String(ports.max),
    ...(sip.defaultRoom ? { JIGASI_SIP_DEFAULT_ROOM: sip.defaultRoom } : {}),
  })
}

/** Captions, when asked for in this way. */
export function transcriber(context: Context): KubeObject[] {
  const { enabled, service, url } = context.spec.transcriber
  if (!enabled || !url || service === 'proxy') return []
  const [name, address] = services[service]
  return deployment(context, 'transcriber', {
    JIGASI_MODE: 'transcriber',
    JIGASI_TRANSCRIBER_CUSTOM_SERVICE: `org.jitsi.jigasi.transcription.${name}`,
    [address]: url,
    // What was said is shown, and not kept.
    JIGASI_TRANSCRIBER_ENABLE_SAVING: '0',
  })
}

const services = {
  vosk: ['VoskTranscriptionService', 'JIGASI_TRANSCRIBER_VOSK_URL'],
  whisper: ['WhisperTranscriptionService', 'JIGASI_TRANSCRIBER_WHISPER_URL'],
} as const

/** How long a call may go on when its gateway has to go. */
const callSeconds = secondsOf('1h')

/** What is left after that to stop. */
const stopSeconds = 30

function deployment(context: Context, role: Role, settings: Settings): KubeObject[] {
  const { instance, namespace, spec } = context
  const { terminationGracePeriodSeconds = callSeconds + stopSeconds } = spec[role]
  const sip = role === 'jigasi' ? spec.jigasi.sip : undefined
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: childName(instance, role),
        namespace,
        labels: objectLabels(instance, role),
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: selectorLabels(instance, role) },
        // Two gateways at once would register the same account, and calls reach only one.
        strategy: { type: 'Recreate' },
        template: podTemplate(context, {
          component: role,
          imageName: 'jigasi',
          annotations: contentHash(
            context,
            sip ? [{ kind: 'Secret', name: sip.password.name }] : [],
          ),
          hostNetwork: role === 'jigasi' && spec.jigasi.hostNetwork,
          scratchSize: '128Mi',
          container: {
            env: environment(context, role, {
              XMPP_SERVER: prosodyHost(context),
              JIGASI_ENABLE_REST: '1',
              JIGASI_INSTANCE_ID: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
              ...settings,
            }),
            ports: [{ name: 'private', containerPort: jigasiPort, protocol: 'TCP' }],
            readinessProbe: openPort(10, 3),
            livenessProbe: openPort(30, 10),
            lifecycle: {
              preStop: {
                exec: {
                  command: [
                    '/bin/bash',
                    '-c',
                    waitForCalls(terminationGracePeriodSeconds - stopSeconds),
                  ],
                },
              },
            },
            volumeMounts:
              role === 'transcriber'
                ? [{ name: 'transcripts', mountPath: '/tmp/transcripts' }]
                : [],
          },
          resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1536Mi' } },
          volumes: role === 'transcriber' ? [{ name: 'transcripts', emptyDir: {} }] : [],
          terminationGracePeriodSeconds,
        }),
      },
    },
  ]
}

/** Not its health: that asks the SIP provider, and a restart would end calls for no gain. */
const openPort = (periodSeconds: number, failureThreshold: number) =>
  openPortProbe('private', { initialDelaySeconds: 10, periodSeconds, failureThreshold })

const waitForCalls = (seconds: number) =>
  `
end=$(($(date +%s) + ${seconds}))
while [ "$(date +%s)" -lt "$end" ]; do
  figures=$(curl -fsS -m 5 http://127.0.0.1:${jigasiPort}/about/stats 2>/dev/null) || break
  jq -e '.conferences == 0' <<<"$figures" >/dev/null && break
  sleep 5
done
exit 0`.trim()
