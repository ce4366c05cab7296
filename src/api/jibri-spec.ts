import { type Static, Type } from '@sinclair/typebox'
import { PersistenceSpec } from './persistence-spec.ts'
import { podOverrides } from './pod-overrides.ts'
import { ConfigMapFile, Duration, ObjectReference, Section, StringEnum } from './schema.ts'

const Bucket = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'URL of the S3 service.' }),
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
      description: 'Name of the bucket.',
    }),
    secret: ObjectReference({
      description: 'Secret with the keys `ACCESS_KEY` and `SECRET_KEY`.',
    }),
    region: Type.Optional(Type.String({ description: 'Region of the bucket, where it has one.' })),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$',
        description: 'Folder inside the bucket.',
      }),
    ),
  },
  {
    description:
      'S3 bucket for finished recordings. An upload is tried again with growing pauses, and once more after the next recording and before the recorder stops; what is uploaded is deleted here.',
  },
)

/** `spec.jibri`: the recorders. */
export const JibriSpec = Section(
  {
    ...podOverrides,
    enabled: Type.Boolean({ default: false, description: 'Offer recording and streaming.' }),
    customConfigCM: ConfigMapFile('custom-jibri.conf', 'is appended to jibri.conf'),
    replicas: Type.Integer({
      minimum: 0,
      maximum: 500,
      default: 1,
      description: 'Number of recorders; each takes one recording at a time.',
    }),
    minIdle: Type.Integer({
      minimum: 0,
      maximum: 500,
      default: 0,
      description: 'Keep so many recorders free: more are made while others are busy.',
    }),
    maxReplicas: Type.Integer({
      minimum: 1,
      maximum: 500,
      default: 10,
      description: 'Most recorders that minIdle leads to.',
    }),
    recording: Type.Boolean({ default: true, description: 'Offer recording to a file.' }),
    livestreaming: Type.Optional(
      Type.Boolean({ description: 'Offer streaming to a service such as YouTube.' }),
    ),
    resolution: Type.Optional(
      StringEnum(['720p', '1080p'], {
        description:
          'Size of the film (720p). 1080p takes about twice the CPU: raise `resources` with it.',
      }),
    ),
    frameRate: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 60, description: 'Frames a second of the film (30).' }),
    ),
    singleUseMode: Type.Boolean({
      default: false,
      description: 'Replace a recorder after each recording.',
    }),
    stopTimeout: Duration({
      default: '4h',
      description:
        'How long a recorder that somebody else stops (node drain, kubectl delete) may go on recording. We ourselves never stop one that records.',
    }),
    keepRecordings: Duration({
      default: '7d',
      description: 'How long a recording that could not be uploaded is kept (bucket).',
    }),
    bucket: Type.Optional(Bucket),
    persistence: PersistenceSpec('recordings', '20Gi'),
  },
  {
    description:
      'Jibri, the recorder. All recorders share one volume (persistence), which needs accessMode ReadWriteMany for more than one node.',
  },
)
export type JibriSpec = Static<typeof JibriSpec>
