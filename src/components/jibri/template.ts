import { secondsOf } from '../../api/schema.ts'
import { label } from '../../kube/annotations.ts'
import { digest } from '../../kube/hash.ts'
import { childName } from '../../kube/names.ts'
import { claimMount, claimVolume } from '../claims.ts'
import { contentHash } from '../content.ts'
import type { Context } from '../context.ts'
import { customConfig } from '../custom-config.ts'
import { environment, prosodyHost, type Settings } from '../environment.ts'
import { podTemplate, spreadOverNodes } from '../pod.ts'
import {
  finalizeScript,
  jibriPort,
  recordingsPath,
  scriptsPath,
  uploadScript,
  waitForRecording,
} from './scripts.ts'

/** A browser that draws 720p and the encoder of the film. */
const recorderResources = {
  requests: { cpu: '2', memory: '3Gi' },
  limits: { memory: '6Gi' },
}

/** The files of the ConfigMap that recorders run: none where nothing is uploaded. */
export function recorderScripts({ spec }: Context): Record<string, string> {
  if (!spec.jibri.bucket) return {}
  return {
    'finalize.sh': finalizeScript,
    'upload.sh': uploadScript(secondsOf(spec.jibri.keepRecordings)),
  }
}

/**
 * How long a recorder may take to stop; what is left after the recording is for the last upload.
 */
export const recorderStopSeconds = ({ spec }: Context) => secondsOf(spec.jibri.stopTimeout) + 300

/** The Pod template of a recorder. */
export function recorderTemplate(context: Context) {
  const { instance, spec } = context
  const { jibri } = spec
  const stopSeconds = secondsOf(jibri.stopTimeout)
  const custom = customConfig(jibri.customConfigCM, 'custom-jibri.conf')
  return podTemplate(context, {
    component: 'jibri',
    labels: { [label.observe]: 'jibri' },
    annotations: contentHash(context, [
      ...(jibri.bucket ? [{ kind: 'Secret' as const, name: jibri.bucket.secret.name }] : []),
      ...custom.references,
    ]),
    restartPolicy: 'OnFailure',
    scratchSize: '256Mi',
    container: {
      env: environment(context, 'jibri', recorderSettings(context)),
      ports: [{ name: 'private', containerPort: jibriPort, protocol: 'TCP' }],
      readinessProbe: healthProbe(10, 3),
      livenessProbe: healthProbe(30, 10),
      lifecycle: {
        preStop: { exec: { command: ['/bin/bash', '-c', waitForRecording(stopSeconds)] } },
      },
      volumeMounts: [
        { name: 'shm', mountPath: '/dev/shm' },
        { name: 'storage', mountPath: '/storage' },
        ...(jibri.persistence.enabled
          ? [claimMount('recordings', recordingsPath, jibri.persistence)]
          : []),
        ...(jibri.bucket ? [{ name: 'scripts', mountPath: scriptsPath, readOnly: true }] : []),
        ...custom.mounts,
      ],
    },
    resources: recorderResources,
    volumes: [
      // Chrome keeps its pages here; with less the image refuses to start.
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '2Gi' } },
      { name: 'storage', emptyDir: {} },
      ...(jibri.persistence.enabled
        ? [
            claimVolume(context, {
              name: 'recordings',
              component: 'jibri',
              persistence: jibri.persistence,
            }),
          ]
        : []),
      ...(jibri.bucket
        ? [{ name: 'scripts', configMap: { name: childName(instance, 'jibri'), defaultMode: 493 } }]
        : []),
      ...custom.volumes,
    ],
    affinity: spreadOverNodes(context, 'jibri'),
    terminationGracePeriodSeconds: recorderStopSeconds(context),
    neverStopsSooner: true,
  })
}

/** What a recorder is made from, in short: the same for all that are made now. */
export function recorderRevision(context: Context): string {
  return digest([recorderTemplate(context), recorderScripts(context)])
}

/** It answers: a busy recorder is slow, and a restart would end the recording. */
const healthProbe = (periodSeconds: number, failureThreshold: number) => ({
  httpGet: { path: '/jibri/api/v1.0/health', port: 'private', scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds,
  timeoutSeconds: 10,
  failureThreshold,
  successThreshold: 1,
})

function recorderSettings(context: Context): Settings {
  const { jibri, metrics } = context.spec
  return {
    XMPP_SERVER: prosodyHost(context),
    XMPP_ENV_NAME: context.instance,
    // Two recorders of one name would share one seat in jicofo's room.
    JIBRI_INSTANCE_ID: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
    JIBRI_RECORDING_DIR: recordingsPath,
    JIBRI_SINGLE_USE_MODE: String(jibri.singleUseMode),
    ...film(jibri),
    DISPLAY: ':0',
    ...(metrics ? { JIBRI_ENABLE_PROMETHEUS: '1' } : {}),
    ...(jibri.bucket ? uploadSettings(jibri.bucket) : {}),
  }
}

const sizes = { '720p': '1280x720', '1080p': '1920x1080' } as const

const film = ({ resolution, frameRate }: Context['spec']['jibri']): Settings => ({
  ...(resolution ? { JIBRI_RECORDING_RESOLUTION: sizes[resolution] } : {}),
  ...(frameRate ? { JIBRI_RECORDING_FRAMERATE: String(frameRate) } : {}),
})

/** Rclone takes a whole remote from its environment, and so no key stands in a file. */
function uploadSettings({ host, name, region, prefix, secret }: Bucket): Settings {
  return {
    JIBRI_FINALIZE_RECORDING_SCRIPT_PATH: `${scriptsPath}/finalize.sh`,
    RECORDING_TARGET: prefix ? `${name}/${prefix.replace(/\/+$/, '')}` : name,
    RCLONE_CONFIG: '/notfound',
    RCLONE_CONFIG_RECORDINGS_TYPE: 's3',
    RCLONE_CONFIG_RECORDINGS_PROVIDER: 'Other',
    RCLONE_CONFIG_RECORDINGS_ENDPOINT: host,
    ...(region ? { RCLONE_CONFIG_RECORDINGS_REGION: region } : {}),
    RCLONE_CONFIG_RECORDINGS_ACCESS_KEY_ID: {
      secretKeyRef: { name: secret.name, key: 'ACCESS_KEY' },
    },
    RCLONE_CONFIG_RECORDINGS_SECRET_ACCESS_KEY: {
      secretKeyRef: { name: secret.name, key: 'SECRET_KEY' },
    },
  }
}

type Bucket = NonNullable<Context['spec']['jibri']['bucket']>
